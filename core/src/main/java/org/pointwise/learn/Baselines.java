package org.pointwise.learn;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** The baselines with which other methods are compared. */
final class Baselines {
  private Baselines() {}

  /** Returns one row per channel of largest variance; the row selects the channel unchanged. */
  static double[][] select(Moments all, int count) {
    int channels = all.channels();
    Integer[] order = IntStream.range(0, channels).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order,
        (a, b) -> {
          int byVariance = Double.compare(all.covariance(b, b), all.covariance(a, a));
          return byVariance != 0 ? byVariance : a - b;
        });
    double[][] rows = new double[count][channels];
    for (int k = 0; k < count; k++) {
      rows[k][order[k]] = 1;
    }
    return rows;
  }

  /**
   * Returns Gaussian rows that preserve the expected squared length of a pixel: each weight has
   * variance 1 ÷ count.
   */
  static double[][] random(int channels, int count, long seed) {
    Random random = new Random(seed);
    double[][] rows = new double[count][channels];
    for (double[] row : rows) {
      for (int c = 0; c < channels; c++) {
        row[c] = random.nextGaussian() / Math.sqrt(count);
      }
    }
    return rows;
  }
}
