package org.pointwise.learn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.UpperTriangle;

/**
 * Fisher's linear discriminants: the directions with the largest scatter between the class means
 * relative to the scatter within classes, scaled to unit scatter within classes (÷ n). At most one
 * fewer than classes.
 *
 * <p>Where the scatter within classes is singular, the discriminants are those of scikit-learn's
 * solver {@code svd}: channels are divided by their deviation within classes, and directions
 * without scatter within classes are left out, even if the class means differ in them. Which
 * directions have scatter is determined as in {@link NumericalRank}, in channels that are divided
 * by their deviation over all classes, in which the rounding errors of all elements are equal.
 *
 * @param rows one per direction, the best first
 * @param rankWithin the number of directions with scatter within classes
 */
record LinearDiscriminants(double[][] rows, int rankWithin) {
  /** Fraction of the largest distance of the class means up to which a direction has none. */
  private static final double DISTANCE = 1e-4;

  /**
   * @param requested the number of directions; null for all
   * @param warnings receives one where directions without scatter are left out
   * @throws InvalidInputException when there are no labels, a class is empty, there is no scatter
   *     within classes or between them, or more directions are wanted than there are
   */
  static LinearDiscriminants of(
      FeatureMoments moments, @Nullable Integer requested, List<String> warnings) {
    int channels = moments.channels();
    moments.requireClasses("lda");
    int max = Math.min(channels, moments.classes() - 1);
    if (requested != null) {
      String reason = "%d classes of %d channels".formatted(moments.classes(), channels);
      Projections.requireAtMost(requested, max, reason);
    }
    Moments labelled = new Moments(channels);
    double[] scatter = new double[UpperTriangle.length(channels)];
    for (int label = 0; label < moments.classes(); label++) {
      Moments group = Objects.requireNonNull(moments.groups().get(label));
      labelled.add(group);
      for (int i = 0; i < scatter.length; i++) {
        scatter[i] += group.coMoments()[i];
      }
    }
    Moments within = new Moments(channels, labelled.count(), labelled.mean(), scatter);
    double[][] whitening = whitening(within, labelled, moments.classes());
    if (whitening.length < channels) {
      warnings.add(
          "the scatter within classes is singular: %d of %d directions have none and are left out"
              .formatted(channels - whitening.length, channels));
    }
    LinearAlgebra.Svd distances =
        LinearAlgebra.svd(
            LinearAlgebra.multiply(
                distances(moments, labelled), LinearAlgebra.transpose(whitening)));
    int count = 0;
    while (count < Math.min(max, distances.s().length)
        && distances.s()[count] > DISTANCE * distances.s()[0]) {
      count++;
    }
    if (count == 0) {
      throw new InvalidInputException(
          "Cannot fit lda: the means of all classes are the same; check --labels");
    }
    if (requested != null && requested > count) {
      throw new InvalidInputException(
          "Cannot make %d channels: the class means differ in %d of the %d directions that have scatter within classes (%d pixels of %d channels); choose --channels 1 … %d, or learn from more pixels"
              .formatted(requested, count, whitening.length, labelled.count(), channels, count));
    }
    count = requested == null ? count : requested;
    double[][] rows = LinearAlgebra.multiply(Arrays.copyOf(distances.vt(), count), whitening);
    for (double[] row : rows) {
      PrincipalComponents.orient(row);
    }
    return new LinearDiscriminants(rows, whitening.length);
  }

  /** Returns the means of the classes minus the mean of all, × √(pixels of the class ÷ pixels). */
  private static double[][] distances(FeatureMoments moments, Moments labelled) {
    double[][] distances = new double[moments.classes()][moments.channels()];
    for (int label = 0; label < distances.length; label++) {
      Moments group = Objects.requireNonNull(moments.groups().get(label));
      double weight = Math.sqrt((double) group.count() / labelled.count());
      for (int c = 0; c < moments.channels(); c++) {
        distances[label][c] = weight * (group.mean()[c] - labelled.mean()[c]);
      }
    }
    return distances;
  }

  /**
   * Returns one row for each direction with scatter within classes, scaled to unit scatter.
   *
   * @throws InvalidInputException when no direction has scatter
   */
  private static double[][] whitening(Moments within, Moments labelled, int classes) {
    int channels = within.channels();
    double[] spread = new double[channels];
    double element = NumericalRank.tolerance(within.count(), 1);
    for (int c = 0; c < channels; c++) {
      boolean varies = within.covariance(c, c) > element * labelled.covariance(c, c);
      spread[c] = varies ? Math.sqrt(labelled.covariance(c, c)) : 0;
    }
    int varying = (int) Arrays.stream(spread).filter(deviation -> deviation > 0).count();
    double tolerance = NumericalRank.tolerance(within.count(), varying);
    long bound = Math.min(varying, within.count() - classes);
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            NumericalRank.scaled(within, spread),
            channels,
            values -> {
              int rank = 0;
              while (rank < bound && values[rank] > tolerance) {
                rank++;
              }
              return rank;
            });
    int rank = eigen.vectors().length;
    if (rank == 0) {
      throw new InvalidInputException(
          "Cannot fit lda: there is no scatter within classes, all pixels of a class are the same; check --labels, or use more pixels");
    }
    return rank < varying
        ? whitening(NumericalRank.truncated(within, spread, eigen), rank)
        : unit(eigen, spread, rank);
  }

  /** The same of scatter of known rank, in channels that are divided by their own deviation. */
  private static double[][] whitening(Moments within, int rank) {
    int channels = within.channels();
    double[] deviations = new double[channels];
    for (int c = 0; c < channels; c++) {
      deviations[c] = Math.sqrt(within.covariance(c, c));
    }
    double[] matrix = NumericalRank.scaled(within, deviations);
    return unit(LinearAlgebra.symmetric(matrix, channels, rank), deviations, rank);
  }

  /** Returns eigenvectors of divided channels as weights of channels, scaled to unit scatter. */
  private static double[][] unit(LinearAlgebra.Eigen eigen, double[] divisors, int rank) {
    double[][] rows = Arrays.copyOf(eigen.vectors(), rank);
    for (int k = 0; k < rank; k++) {
      double scale = 1 / Math.sqrt(eigen.values()[k]);
      for (int c = 0; c < divisors.length; c++) {
        rows[k][c] = divisors[c] > 0 ? rows[k][c] * scale / divisors[c] : 0;
      }
    }
    return rows;
  }
}
