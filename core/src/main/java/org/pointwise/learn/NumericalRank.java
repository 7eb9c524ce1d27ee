package org.pointwise.learn;

import java.util.Arrays;
import org.pointwise.tensor.UpperTriangle;

/**
 * The numerical rank of the covariance of some pixels, and their moments without the rounding
 * errors beyond that rank. Immutable.
 *
 * <p>The rank is at most the number of pixels less one, and a constant channel does not count. Of
 * the eigenvalues of the correlation matrix, those up to a tolerance are 0. The correlation matrix
 * is used because its elements have equal errors: the rank of the covariance is the same, but there
 * the errors of channels of large variance would exceed channels of small variance. The mean of a
 * {@link org.pointwise.conv.MomentsKernel}'s first pixels is assumed to lie within a few standard
 * deviations of the mean of its tile; otherwise the errors are larger, and the rank may be too
 * high, but never above the number of pixels less one.
 */
final class NumericalRank {
  /** Pixels whose products are summed in float32, at most. */
  private static final int FLOAT32_SUM = 1024;

  private static final double FLOAT32_EPSILON = 0x1p-23;

  /** Rounding errors of float64 sums and eigenvalues of a correlation, in units of ε, at most. */
  private static final double FLOAT64_SUM = 1 << 10;

  /** Rounding errors of merged means, in units of ε of the mean, at most. */
  private static final double FLOAT64_MEAN = 8;

  /** Pixels up to which the rounding errors of a mean grow. */
  private static final long ROUNDED = 1L << 20;

  private final int rank;
  private final double[] deviations;
  private final Moments moments;

  private NumericalRank(int rank, double[] deviations, Moments moments) {
    this.rank = rank;
    this.deviations = deviations;
    this.moments = moments;
  }

  /** Returns the rank that products in float32 show, which layers can compute. */
  static NumericalRank of(Moments moments) {
    return of(moments, false);
  }

  /**
   * Returns the rank that the products show.
   *
   * @param inFloat64 whether all products were summed in float64
   */
  static NumericalRank of(Moments moments, boolean inFloat64) {
    int channels = moments.channels();
    double[] deviations = deviations(moments);
    int varying = (int) Arrays.stream(deviations).filter(deviation -> deviation > 0).count();
    double float32 = tolerance(moments.count(), varying);
    double tolerance =
        inFloat64 ? Math.min(float32, float64Tolerance(moments, deviations, varying)) : float32;
    int bound = (int) Math.min(varying, moments.count() - 1);
    int[] rank = {0};
    LinearAlgebra.Eigen eigen =
        LinearAlgebra.symmetric(
            scaled(moments, deviations),
            channels,
            values -> {
              while (rank[0] < bound && values[rank[0]] > tolerance) {
                rank[0]++;
              }
              return rank[0] < varying ? rank[0] : 0;
            });
    return new NumericalRank(
        rank[0], deviations, rank[0] < varying ? truncated(moments, deviations, eigen) : moments);
  }

  /**
   * Returns the largest eigenvalue of a correlation matrix that float32 rounding errors alone may
   * cause: ε·√L·√k, with the ε of float32, the number L of pixels whose products are summed in
   * float32, and k channels. The rounding errors of a sum of L products grow as √L, and the largest
   * eigenvalue of a k×k matrix of independent errors grows as √k. Numerical matrix ranks usually
   * use ε·k times the largest eigenvalue, which is between 1 and k here.
   */
  static double tolerance(long pixels, int channels) {
    return FLOAT32_EPSILON * Math.sqrt(Math.min(pixels, FLOAT32_SUM)) * Math.sqrt(channels);
  }

  /**
   * Returns the same of float64 rounding errors: ε·(L + m·r)·√k, with the ε of float64. L covers
   * the sums and the eigenvalues. The error of a mean adds to the distance of the means of merged
   * moments: r is the largest ratio of a channel's mean to its deviation.
   */
  private static double float64Tolerance(Moments moments, double[] deviations, int channels) {
    double ratio = 0;
    for (int c = 0; c < deviations.length; c++) {
      ratio =
          deviations[c] > 0 ? Math.max(ratio, Math.abs(moments.mean()[c]) / deviations[c]) : ratio;
    }
    return Math.ulp(1.0) * (FLOAT64_SUM + FLOAT64_MEAN * ratio) * Math.sqrt(channels);
  }

  /**
   * Returns the standard deviation of each channel; 0 for a constant channel. As in scikit-learn's
   * StandardScaler, a channel is constant where float64 rounding errors of its mean can cause its
   * variance. These errors do not grow beyond {@value #ROUNDED} pixels, whose moments are merged in
   * a tree.
   */
  private static double[] deviations(Moments moments) {
    double[] deviations = new double[moments.channels()];
    for (int c = 0; c < deviations.length; c++) {
      double variance = moments.covariance(c, c);
      double rounding = Math.min(moments.count(), ROUNDED) * Math.ulp(1.0) * moments.mean()[c];
      deviations[c] = variance > rounding * rounding ? Math.sqrt(variance) : 0;
    }
    return deviations;
  }

  /** Returns the covariance of the channels divided by some numbers; 0 where a divisor is 0. */
  static double[] scaled(Moments moments, double[] divisors) {
    int channels = divisors.length;
    double[] matrix = moments.covarianceMatrix();
    for (int i = 0; i < channels; i++) {
      for (int j = 0; j < channels; j++) {
        double divisor = divisors[i] * divisors[j];
        matrix[i * channels + j] = divisor > 0 ? matrix[i * channels + j] / divisor : 0;
      }
    }
    return matrix;
  }

  /** Returns the moments whose correlation matrix has only the given eigenvectors. */
  static Moments truncated(Moments moments, double[] deviations, LinearAlgebra.Eigen eigen) {
    int channels = deviations.length;
    double[] coMoments = new double[UpperTriangle.length(channels)];
    double[][] root = eigen.vectors();
    for (int k = 0; k < root.length; k++) {
      double scale = Math.sqrt(eigen.values()[k] * moments.count());
      for (int c = 0; c < channels; c++) {
        root[k][c] *= scale * deviations[c];
      }
    }
    if (root.length > 0) {
      double[][] products = LinearAlgebra.multiply(LinearAlgebra.transpose(root), root);
      for (int i = 0; i < channels; i++) {
        for (int j = i; j < channels; j++) {
          coMoments[UpperTriangle.index(i, j, channels)] = products[i][j];
        }
      }
    }
    return new Moments(channels, moments.count(), moments.mean(), coMoments);
  }

  /** Returns the rank; 0 if all pixels are the same. */
  int rank() {
    return rank;
  }

  /** Returns the standard deviation of each channel; 0 for a constant channel. Not a copy. */
  double[] deviations() {
    return deviations;
  }

  /** Returns the moments, whose covariance is of this rank. Not a copy. */
  Moments moments() {
    return moments;
  }
}
