package org.pointwise.learn;

import java.util.Arrays;
import org.pointwise.tensor.UpperTriangle;

/**
 * Count, mean and co-moments Σ(x − mean)(x − mean)ᵀ of pixels, in float64. Mutable: other moments
 * are added pairwise after Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
 * computing sample variances" (1979). Confined to one thread.
 */
public final class Moments {
  private final int channels;
  private final double[] mean;
  private final double[] coMoments; // an UpperTriangle
  private long count;

  /** Creates the moments of no pixels. */
  public Moments(int channels) {
    this(channels, 0, new double[channels], new double[UpperTriangle.length(channels)]);
  }

  /**
   * Restores stored moments; keeps the arrays.
   *
   * @param coMoments an {@link UpperTriangle}; empty for count and mean alone
   */
  public Moments(int channels, long count, double[] mean, double[] coMoments) {
    boolean sized = coMoments.length == 0 || coMoments.length == UpperTriangle.length(channels);
    if (mean.length != channels || !sized) {
      throw new IllegalArgumentException("Moments of other sizes");
    }
    this.channels = channels;
    this.count = count;
    this.mean = mean;
    this.coMoments = coMoments;
  }

  /** Returns the moments of no pixels, with co-moments if these have them. */
  Moments empty() {
    return new Moments(channels, 0, new double[channels], new double[coMoments.length]);
  }

  public int channels() {
    return channels;
  }

  /** Returns the number of pixels. */
  public long count() {
    return count;
  }

  /** Returns the mean of each channel. Not a copy. */
  public double[] mean() {
    return mean;
  }

  /** Returns the co-moments as an {@link UpperTriangle}, or an empty array. Not a copy. */
  public double[] coMoments() {
    return coMoments;
  }

  /** Returns the covariance of two channels over all pixels (÷ n). */
  public double covariance(int i, int j) {
    return coMoments[UpperTriangle.index(i, j, channels)] / count;
  }

  /** Returns the sum of the variances of all channels. */
  public double totalVariance() {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      sum += covariance(c, c);
    }
    return sum;
  }

  /** Returns the covariance as a full matrix, row-major. */
  public double[] covarianceMatrix() {
    double[] matrix = new double[Math.multiplyExact(channels, channels)];
    int at = 0;
    for (int i = 0; i < channels; i++) {
      for (int j = i; j < channels; j++) {
        double value = coMoments[at++] / count;
        matrix[i * channels + j] = value;
        matrix[j * channels + i] = value;
      }
    }
    return matrix;
  }

  /** Adds the moments of other pixels. */
  public void add(Moments other) {
    if (other.channels != channels || other.coMoments.length != coMoments.length) {
      throw new IllegalArgumentException("Moments of other channels");
    }
    if (other.count == 0) {
      return;
    }
    if (count == 0) {
      count = other.count;
      System.arraycopy(other.mean, 0, mean, 0, channels);
      System.arraycopy(other.coMoments, 0, coMoments, 0, coMoments.length);
      return;
    }
    double total = (double) count + other.count;
    double weight = count * (other.count / total);
    double[] delta = new double[channels];
    for (int c = 0; c < channels; c++) {
      delta[c] = other.mean[c] - mean[c];
    }
    int row = 0; // row + j is the index of element (i, j)
    for (int i = 0; i < channels && coMoments.length > 0; i++) {
      double scaled = delta[i] * weight;
      for (int j = i; j < channels; j++) {
        coMoments[row + j] += other.coMoments[row + j] + scaled * delta[j];
      }
      row += channels - i - 1;
    }
    for (int c = 0; c < channels; c++) {
      mean[c] += delta[c] * (other.count / total);
    }
    count += other.count;
  }

  /** Returns whether both moments are bit-identical. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Moments moments
        && moments.count == count
        && Arrays.equals(moments.mean, mean)
        && Arrays.equals(moments.coMoments, coMoments);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(count) + 31 * Arrays.hashCode(mean);
  }
}
