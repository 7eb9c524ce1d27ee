package org.pointwise.learn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;

/**
 * Computes Fisher's linear discriminants: the directions with the largest scatter between the class
 * means relative to the scatter within classes; at most one fewer than classes.
 */
final class LinearDiscriminants {
  /**
   * Fraction of the largest scatter within classes up to which a direction counts as having none.
   * The scatter is a divisor, and float32 sums have larger rounding errors than {@link
   * PrincipalComponents} assumes.
   */
  private static final double SCATTER = 1e-7;

  private LinearDiscriminants() {}

  /**
   * Returns one row per direction, the best first.
   *
   * @param wanted the number of directions; null for all
   * @param warnings receives one where directions without scatter are left out
   * @throws InvalidInputException when there are no labels, a class is empty, or there is no
   *     scatter within classes
   */
  static double[][] of(FeatureMoments found, @Nullable Integer wanted, List<String> warnings) {
    int channels = found.channels();
    found.requireClasses("lda");
    int max = Math.min(channels, found.classes() - 1);
    int count = wanted == null ? max : Projections.requireAtMost(wanted, max, "classes less one");
    Moments labelled = new Moments(channels);
    double[] within = new double[channels * channels];
    for (int label = 0; label < found.classes(); label++) {
      Moments group = Objects.requireNonNull(found.groups().get(label));
      labelled.add(group);
      addScaled(within, group.covarianceMatrix(), group.count());
    }
    double[] between = labelled.covarianceMatrix();
    for (int i = 0; i < within.length; i++) {
      within[i] /= labelled.count();
      between[i] -= within[i];
    }
    double[][] whitening = whitening(within, channels, warnings);
    double[][] spread =
        LinearAlgebra.multiply(
            LinearAlgebra.multiply(whitening, LinearAlgebra.rows(between, channels)),
            LinearAlgebra.transpose(whitening));
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            LinearAlgebra.flat(spread), spread.length, Math.min(count, spread.length));
    double[][] rows = LinearAlgebra.multiply(eigen.vectors(), whitening);
    for (double[] row : rows) {
      PrincipalComponents.orient(row);
    }
    return rows;
  }

  /**
   * Returns one row for each direction with scatter within classes, scaled to unit scatter.
   *
   * @throws InvalidInputException when no direction has scatter
   */
  private static double[][] whitening(double[] within, int channels, List<String> warnings) {
    LinearAlgebra.Eigen eigen = LinearAlgebra.symmetric(within, channels, channels);
    int rank = 0;
    while (rank < channels && eigen.values()[rank] > SCATTER * eigen.values()[0]) {
      rank++;
    }
    if (rank == 0) {
      throw new InvalidInputException(
          "Cannot fit lda: there is no scatter within classes, all pixels of a class are the same; check --labels");
    }
    if (rank < channels) {
      warnings.add(
          "the scatter within classes is singular: %d of %d directions have none and are left out"
              .formatted(channels - rank, channels));
    }
    double[][] rows = Arrays.copyOf(eigen.vectors(), rank);
    for (int k = 0; k < rank; k++) {
      double scale = 1 / Math.sqrt(eigen.values()[k]);
      for (int c = 0; c < channels; c++) {
        rows[k][c] *= scale;
      }
    }
    return rows;
  }

  private static void addScaled(double[] sum, double[] values, double scale) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i] * scale;
    }
  }
}
