package org.pointwise.conv;

import java.util.Locale;

/** The operation that is applied to all outputs of a pixel together, after the activation. */
public enum Normalisation {
  /** No operation. */
  NONE,
  /**
   * Division by the Euclidean length, so that dot products are cosines: {@code out[o] = y[o] /
   * √(Σ_i y[i]²)}. A pixel whose outputs are all zero stays zero. As with NumPy, an infinite output
   * becomes NaN and the finite outputs of its pixel become zero.
   *
   * <p>Computed in float64 and rounded to float32 once. There are four sums of squares. Output o is
   * added to sum o mod 4, in ascending order. The sums are added as (0 + 1) + (2 + 3). Each output
   * is multiplied by the reciprocal of the root.
   */
  L2;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the reciprocal of the length; 0 if all outputs are zero. */
  static double reciprocal(double sum0, double sum1, double sum2, double sum3) {
    double squared = (sum0 + sum1) + (sum2 + sum3);
    return squared == 0 ? 0 : 1 / Math.sqrt(squared);
  }
}
