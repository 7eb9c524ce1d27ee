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

  /** Adds the statistics of pixels of a channel. Negative zero counts as zero. */
  void add(int channel, double least, double most, long zeroPixels) {
    min[channel] = Math.min(min[channel], least + 0.0);
    max[channel] = Math.max(max[channel], most + 0.0);
    zeros[channel] += zeroPixels;
  }
}
