package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.LearnedLayer;

/** A learned layer and its figures. Immutable. */
public final class FitReport extends Report {
  private final LearnedLayer learned;
  private final QualityGates gates;

  FitReport(ObjectNode json, LearnedLayer learned, QualityGates gates) {
    super(json);
    this.learned = learned;
    this.gates = gates;
  }

  /** Returns the layer F → F′. */
  public PointwiseLayer layer() {
    return learned.layer();
  }

  /** Returns the decoder F′ → F. */
  public PointwiseLayer decoder() {
    return learned.decoder();
  }

  /**
   * Returns the layer that predicts classes from the outputs of the learned layer; null if none was
   * trained.
   */
  public @Nullable PointwiseLayer head() {
    return learned.head();
  }

  /** Returns the metadata of the layer, by the names in its file. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(learned.metadata());
  }

  /**
   * Returns the fraction of the variance of the fitted pixels that the layer keeps; NaN for a
   * bottleneck that predicts labels. If the layer was fitted on standardised channels, it is the
   * variance of those.
   */
  public double explainedVariance() {
    return entry(QualityGates.VARIANCE);
  }

  /**
   * Returns the fraction of the training pixels that are classified correctly; NaN if the layer was
   * not trained to predict classes.
   */
  public double accuracy() {
    return entry(QualityGates.ACCURACY);
  }

  private double entry(String name) {
    String value = learned.metadata().get(name);
    return value == null ? Double.NaN : Double.parseDouble(value);
  }

  /**
   * Returns the numerical rank of the fitted pixels: the number of channels that determine the
   * others, at most the number of pixels less one.
   */
  public int rank() {
    return Integer.parseInt(Objects.requireNonNull(learned.metadata().get("rank")));
  }

  /** Returns the number of pixels from which the layer was learned. */
  public long pixelsUsed() {
    return count("/pixelsUsed");
  }

  /** Returns the URIs of the files that were written, except the moments. */
  public List<String> files() {
    return texts("/files");
  }

  /** Returns the URI of the file of moments that was written; empty if none was. */
  public String moments() {
    return text("/moments");
  }

  /** Returns the number of nodata pixels, which were left out. */
  public long maskedPixels() {
    return count("/maskedPixels");
  }

  /** Returns the number of pixels with NaN or infinite values, which were left out. */
  public long nonFinitePixels() {
    return count("/nonFinitePixels");
  }

  /**
   * Returns the channels of the input that the layer selects, in the order of its outputs; empty
   * for other layers.
   */
  public List<Integer> selectedChannels() {
    return integers("/selected", "/inputChannel");
  }

  /** Returns descriptions of likely mistakes, one line each. */
  public List<String> warnings() {
    return learned.warnings();
  }

  /**
   * Returns the figures that are below a gate, and with gates also a training that did not
   * converge, one line each.
   */
  public List<String> belowGates() {
    List<String> lines = new ArrayList<>(gates.figuresBelow(explainedVariance(), accuracy()));
    if (gates.isSet() && "false".equals(learned.metadata().get("converged"))) {
      lines.add("the training did not converge");
    }
    return lines;
  }

  /** Returns whether {@link #belowGates} is empty. */
  public boolean passed() {
    return belowGates().isEmpty();
  }
}
