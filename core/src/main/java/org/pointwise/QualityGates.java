package org.pointwise;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a layer has to reach, so that a job of every night can act on it.
 *
 * @param variance the part of the variance that is kept, 0 … 1; null for any
 * @param accuracy the part of the pixels whose class is right, 0 … 1; null for any
 */
public record QualityGates(@Nullable Double variance, @Nullable Double accuracy) {
  /** Everything passes. */
  public static final QualityGates NONE = new QualityGates(null, null);

  static final String VARIANCE = "explainedVariance";
  static final String ACCURACY = "accuracy";

  boolean any() {
    return variance != null || accuracy != null;
  }

  /** What is below a gate, a line each; a number that is not known is. */
  List<String> below(double foundVariance, double foundAccuracy) {
    List<String> lines = new ArrayList<>();
    add(lines, VARIANCE, variance, foundVariance);
    add(lines, ACCURACY, accuracy, foundAccuracy);
    return List.copyOf(lines);
  }

  private static void add(List<String> to, String name, @Nullable Double gate, double found) {
    if (gate != null && !(found >= gate)) {
      to.add(String.format(Locale.ROOT, "%s is %.6f, less than %s", name, found, gate));
    }
  }
}
