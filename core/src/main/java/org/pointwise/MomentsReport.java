package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.learn.FeatureMoments;

/** The result of a moments pass. */
public final class MomentsReport extends Report {
  private final FeatureMoments moments;

  MomentsReport(ObjectNode json, FeatureMoments moments) {
    super(json);
    this.moments = moments;
  }

  /**
   * Returns the moments in the file, including those of previous passes. The caller may change
   * them.
   */
  public FeatureMoments moments() {
    return moments;
  }

  /** Returns the URI of the file that was written. */
  public String output() {
    return text("/output");
  }

  /** Returns the number of usable pixels of this pass. */
  public long pixelsUsed() {
    return count("/pixelsUsed");
  }
}
