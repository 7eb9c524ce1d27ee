package org.pointwise.conv;

import java.util.Arrays;

/** What the usable pixels of a tile hold, by channel, and what was left out. Mutable. */
final class MomentsCounts {
  final double[] least;
  final double[] most;
  final long[] zeros;
  final long[] nonFinite;
  long masked;
  long nonFinitePixels;

  MomentsCounts(int channels) {
    this.least = new double[channels];
    this.most = new double[channels];
    this.zeros = new long[channels];
    this.nonFinite = new long[channels];
  }

  void reset() {
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    Arrays.fill(zeros, 0);
    Arrays.fill(nonFinite, 0);
    masked = 0;
    nonFinitePixels = 0;
  }

  /**
   * Adds those of a block.
   *
   * @param base what its numbers are shifted by; where it is not 0, its zeros are counted before
   */
  void add(BlockStatistics block, double[] base) {
    for (int c = 0; c < least.length; c++) {
      least[c] = Math.min(least[c], block.least()[c] + base[c]);
      most[c] = Math.max(most[c], block.most()[c] + base[c]);
      zeros[c] += base[c] == 0 ? (long) block.zeros()[c] : 0;
    }
  }
}
