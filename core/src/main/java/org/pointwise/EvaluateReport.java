package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was measured of a layer; {@link #json} has every number. */
public final class EvaluateReport extends Report {
  private final String file;
  private final @Nullable String page;
  private final List<String> below;

  EvaluateReport(ObjectNode json, String file, @Nullable String page, List<String> below) {
    super(json);
    this.file = file;
    this.page = page;
    this.below = below;
  }

  /** {@code FILE.json}, which was written. */
  public String file() {
    return file;
  }

  /** {@code FILE.html} beside it; null where nobody drew it. */
  public @Nullable String page() {
    return page;
  }

  /** The part of the variance of the held-out pixels that is kept. */
  public double explainedVariance() {
    return number("/layer/explainedVariance");
  }

  /** |x − x̂| / |x| over all held-out pixels. */
  public double relativeError() {
    return number("/layer/relativeError");
  }

  /** Of the reconstruction, in dB; the peak is the largest range of a channel. */
  public double psnr() {
    return number("/layer/psnr");
  }

  /** Of pixels and their reconstructions. */
  public double meanCosine() {
    return number("/layer/cosine/mean");
  }

  /** The part of the held-out pixels that the probe on the reduced channels names right. */
  public double probeAccuracy() {
    return number("/probe/reduced/accuracy");
  }

  /** The same of a probe on all channels. */
  public double probeAccuracyOfAllChannels() {
    return number("/probe/all/accuracy");
  }

  public long heldOutPixels() {
    return count("/data/heldOutPixels");
  }

  /** What is likely to be a mistake, a line each. */
  public List<String> warnings() {
    return texts("/warnings");
  }

  /** What is below a gate, a line each. */
  public List<String> belowGates() {
    return below;
  }

  /** Whether all gates were reached. */
  public boolean passed() {
    return below.isEmpty();
  }
}
