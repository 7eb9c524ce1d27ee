package org.pointwise.conv;

import java.util.Arrays;

/**
 * Statistics of the usable pixels of a tile, by channel, and counts of the excluded pixels.
 * Mutable.
 */
final class MomentsCounts {
  final double[] min;
  final double[] max;
  final long[] zeros;
  final long[] nonFinite;
  long masked;
  long nonFinitePixels;

  MomentsCounts(int channels) {
    this.min = new double[channels];
    this.max = new double[channels];
    this.zeros = new long[channels];
    this.nonFinite = new long[channels];
  }

  void reset() {
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
    Arrays.fill(zeros, 0);
    Arrays.fill(nonFinite, 0);
    masked = 0;
    nonFinitePixels = 0;
  }

  /**
   * Adds the statistics of a block.
   *
   * @param base the number by which a channel of the block is shifted; if it is not 0, the
   *     channel's zeros have already been counted
   */
  void add(BlockStatistics block, double[] base) {
    for (int c = 0; c < min.length; c++) {
      min[c] = Math.min(min[c], block.min()[c] + base[c]);
      max[c] = Math.max(max[c], block.max()[c] + base[c]);
      zeros[c] += base[c] == 0 ? (long) block.zeros()[c] : 0;
    }
  }
}
