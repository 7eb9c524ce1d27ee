package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.learn.FeatureMoments;

/** What a pass for moments found. */
public final class MomentsReport extends Report {
  private final FeatureMoments moments;

  MomentsReport(ObjectNode json, FeatureMoments moments) {
    super(json);
    this.moments = moments;
  }

  /** The file's moments, those of earlier passes included; the caller's own. */
  public FeatureMoments moments() {
    return moments;
  }

  /** The file that was written. */
  public String output() {
    return text("/output");
  }

  /** Pixels of this pass that could be used. */
  public long pixelsUsed() {
    return count("/pixelsUsed");
  }
}
