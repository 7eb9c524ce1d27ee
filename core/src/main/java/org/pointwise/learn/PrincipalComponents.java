package org.pointwise.learn;

import java.util.Arrays;

/**
 * The leading eigenvectors of a covariance, one per row, in descending order of their variance.
 * {@link #orient} determines the sign of each row.
 *
 * @param values the variance of all directions, descending
 * @param rows as many as requested, at most the rank
 */
record PrincipalComponents(double[] values, double[][] rows) {
  /** Determines the number of components. */
  interface Choice {
    /**
     * @param values the variance of all directions, descending
     * @param rank the number of directions with variance
     */
    int count(double[] values, int rank);
  }

  /**
   * Returns components of channels that are divided by {@code units}. The weights of a constant
   * channel are 0.
   */
  static PrincipalComponents of(NumericalRank ranked, double[] units, Choice choice) {
    Moments moments = ranked.moments();
    int channels = moments.channels();
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            NumericalRank.scaled(moments, units),
            channels,
            values -> choice.count(values, rank(values, ranked.rank())));
    for (double[] row : eigen.vectors()) {
      for (int c = 0; c < channels; c++) {
        row[c] = ranked.deviations()[c] > 0 ? row[c] : 0;
      }
      orient(row);
    }
    return new PrincipalComponents(eigen.values(), eigen.vectors());
  }

  /**
   * Returns the number of directions with variance: at most the rank, and without directions whose
   * variance is within the rounding errors of float64 eigenvalues.
   */
  private static int rank(double[] values, int max) {
    int rank = 0;
    while (rank < max && values[rank] > values.length * Math.ulp(1.0) * values[0]) {
      rank++;
    }
    return rank;
  }

  /** Returns the rows scaled to unit variance: ÷ √(variance + epsilon). */
  double[][] whitened(double epsilon) {
    double[][] scaled = new double[rows.length][];
    for (int k = 0; k < rows.length; k++) {
      double scale = 1 / Math.sqrt(values[k] + epsilon);
      scaled[k] = Arrays.stream(rows[k]).map(weight -> weight * scale).toArray();
    }
    return scaled;
  }

  /** Makes the weight of largest magnitude positive; where several are equal, the first. */
  static void orient(double[] row) {
    int largest = 0;
    for (int c = 1; c < row.length; c++) {
      if (Math.abs(row[c]) > Math.abs(row[largest]) * (1 + 1e-9)) {
        largest = c;
      }
    }
    if (row[largest] < 0) {
      for (int c = 0; c < row.length; c++) {
        row[c] = -row[c];
      }
    }
  }
}
