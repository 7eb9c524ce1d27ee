package org.pointwise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The minimum quality of a layer, by which an automatic job accepts or rejects the layer.
 * Immutable.
 *
 * @param variance the smallest fraction of the variance to keep, 0 … 1; null for no gate
 * @param accuracy the smallest fraction of correctly classified pixels, 0 … 1; null for no gate
 */
public record QualityGates(@Nullable Double variance, @Nullable Double accuracy) {
  /**
   * @throws IllegalArgumentException if a gate is not from 0 to 1
   */
  public QualityGates {
    require("--fail-below-variance", variance);
    require("--fail-below-accuracy", accuracy);
  }

  private static void require(String option, @Nullable Double gate) {
    if (gate != null && !(gate >= 0 && gate <= 1)) {
      throw new IllegalArgumentException(option + " must be from 0 to 1");
    }
  }

  /** No gates: every layer passes. */
  public static final QualityGates NONE = new QualityGates(null, null);

  static final String VARIANCE = "explainedVariance";
  static final String ACCURACY = "accuracy";

  boolean isSet() {
    return variance != null || accuracy != null;
  }

  /** Returns the figures below a gate, one line each. NaN is below every gate. */
  List<String> figuresBelow(double foundVariance, double foundAccuracy) {
    List<String> lines = new ArrayList<>();
    add(lines, VARIANCE, variance, foundVariance);
    add(lines, ACCURACY, accuracy, foundAccuracy);
    return List.copyOf(lines);
  }

  private static void add(List<String> to, String name, @Nullable Double gate, double value) {
    if (gate != null && !(value >= gate)) {
      to.add(String.format(Locale.ROOT, "%s is %.6f, less than %s", name, value, gate));
    }
  }
}
