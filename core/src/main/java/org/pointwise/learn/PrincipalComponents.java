package org.pointwise.learn;

import java.util.Arrays;
import java.util.List;
import org.pointwise.errors.InvalidInputException;

/**
 * The leading eigenvectors of a covariance, one per row, in descending order of their variance.
 * {@link #orient} determines the sign of each row.
 *
 * @param values the variance of all directions, descending
 * @param rows as many as requested
 */
record PrincipalComponents(double[] values, double[][] rows) {
  /** Fraction of the largest variance up to which a direction contains only rounding errors. */
  private static final double NOTHING = 1e-12;

  /**
   * @param warnings receives one where directions without variance were requested
   */
  static PrincipalComponents of(Moments all, Projections.Target target, List<String> warnings) {
    int channels = all.channels();
    double[] covariance = all.covarianceMatrix();
    double total = all.totalVariance();
    Integer wanted = target.channels();
    // Without a requested number, the eigenvalues determine the number of vectors.
    int count =
        wanted != null
            ? Projections.requireAtMost(wanted, channels, "channels")
            : target.count(LinearAlgebra.symmetric(covariance, channels, 1).values(), total);
    LinearAlgebra.Eigen eigen = LinearAlgebra.symmetric(covariance, channels, count);
    int carrying = 0;
    while (carrying < channels && eigen.values()[carrying] > NOTHING * eigen.values()[0]) {
      carrying++;
    }
    if (carrying < count) {
      warnings.add(
          "only %d of %d components carry variance; the rest are arbitrary directions"
              .formatted(carrying, count));
    }
    for (double[] row : eigen.vectors()) {
      orient(row);
    }
    return new PrincipalComponents(eigen.values(), eigen.vectors());
  }

  /**
   * Returns the rows scaled to unit variance: ÷ √(variance + epsilon).
   *
   * @throws InvalidInputException when a component has no variance to scale
   */
  double[][] whitened(double epsilon) {
    double[][] scaled = new double[rows.length][];
    for (int k = 0; k < rows.length; k++) {
      double variance = Math.max(0, values[k]);
      if (variance + epsilon <= NOTHING * values[0]) {
        throw new InvalidInputException(
            "Cannot whiten %d channels: only %d carry variance; use --channels %d or --epsilon"
                .formatted(rows.length, k, k));
      }
      double scale = 1 / Math.sqrt(variance + epsilon);
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
