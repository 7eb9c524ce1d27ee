package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of evaluated layers. {@link #json} contains all of them; the methods of one layer
 * return those of the first. Immutable.
 */
public final class EvaluateReport extends Report {
  private final String file;
  private final @Nullable String page;
  private final List<String> belowGates;

  EvaluateReport(ObjectNode json, String file, @Nullable String page, List<String> belowGates) {
    super(json);
    this.file = file;
    this.page = page;
    this.belowGates = belowGates;
  }

  /** Returns the URI of the JSON file that was written, {@code FILE.json}. */
  public String file() {
    return file;
  }

  /** Returns the URI of the HTML page beside it, {@code FILE.html}; null if no page was drawn. */
  public @Nullable String page() {
    return page;
  }

  /** Returns the fraction of the variance of the measured pixels that the layer keeps. */
  public double explainedVariance() {
    return number("/layer/explainedVariance");
  }

  /** Returns |x − x̂| / |x| over all measured pixels. */
  public double relativeError() {
    return number("/layer/relativeError");
  }

  /**
   * Returns the peak signal-to-noise ratio of the reconstruction in dB. The peak is the largest
   * range of a channel.
   */
  public double psnr() {
    return number("/layer/psnr");
  }

  /** Returns the mean cosine between pixels and their reconstructions. */
  public double meanCosine() {
    return number("/layer/cosine/mean");
  }

  /**
   * Returns the fraction of the measured pixels that the linear probe on the reduced channels
   * classifies correctly; NaN without labels.
   */
  public double probeAccuracy() {
    return number("/probe/reduced/accuracy");
  }

  /**
   * Returns the fraction of the measured pixels that a linear probe on all channels classifies
   * correctly; NaN without labels.
   */
  public double probeAccuracyOfAllChannels() {
    return number("/probe/all/accuracy");
  }

  /** Returns the number of measured pixels. */
  public long measuredPixels() {
    return count("/data/measuredPixels");
  }

  /**
   * Returns the number of measured pixels if all of them are known to have been held out when each
   * of the layers was fitted; else 0.
   */
  public long heldOutPixels() {
    return count("/data/heldOutPixels");
  }

  /** Returns descriptions of likely mistakes, one line each. */
  public List<String> warnings() {
    return texts("/warnings");
  }

  /** Returns the figures that are below a gate, one line each. */
  public List<String> belowGates() {
    return belowGates;
  }

  /** Returns whether all layers reach all gates. */
  public boolean passed() {
    return belowGates.isEmpty();
  }
}
