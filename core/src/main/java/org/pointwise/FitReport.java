package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.learn.LearnedLayer;

/** A layer that was learned, and what it keeps. */
public final class FitReport extends Report {
  private final LearnedLayer learned;
  private final QualityGates gates;

  FitReport(ObjectNode json, LearnedLayer learned, QualityGates gates) {
    super(json);
    this.learned = learned;
    this.gates = gates;
  }

  /** F → F′. */
  public PointwiseLayer layer() {
    return learned.layer();
  }

  /** F′ → F. */
  public PointwiseLayer decoder() {
    return learned.decoder();
  }

  /** What predicts classes from the layer's outputs; null where nothing was trained for it. */
  public @Nullable PointwiseLayer head() {
    return learned.head();
  }

  /** What is known of the layer, by the names under which its file records it. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(learned.metadata());
  }

  /** The part of the variance it was fitted on that it keeps; NaN where that was not its aim. */
  public double explainedVariance() {
    return entry(QualityGates.VARIANCE);
  }

  /** The part of the training pixels whose class is right; NaN where it predicts none. */
  public double accuracy() {
    return entry(QualityGates.ACCURACY);
  }

  private double entry(String name) {
    String value = learned.metadata().get(name);
    return value == null ? Double.NaN : Double.parseDouble(value);
  }

  public long pixelsUsed() {
    return count("/pixelsUsed");
  }

  /** The files that were written, but for the moments. */
  public List<String> files() {
    return texts("/files");
  }

  /** What is likely to be a mistake, a line each. */
  public List<String> warnings() {
    return learned.warnings();
  }

  /** Where there are gates: what is below one, or a training that did not end, a line each. */
  public List<String> belowGates() {
    List<String> lines = new ArrayList<>(gates.below(explainedVariance(), accuracy()));
    if (gates.any() && "false".equals(learned.metadata().get("converged"))) {
      lines.add("the training did not converge");
    }
    return lines;
  }

  /** Whether nothing is below a gate. */
  public boolean passed() {
    return belowGates().isEmpty();
  }
}
