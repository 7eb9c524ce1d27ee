package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes symmetric rank-k updates: sums of the products of all pairs of channels over blocks of
 * pixels, which are rows of little-endian numbers. Confined to one thread.
 */
abstract sealed class RankUpdates permits Float32Updates, Float64Updates {
  /** Pixels whose mean is the shift. */
  private static final int SHIFT_PIXELS = 16;

  final int channels;
  final int rowBytes;
  private final double[] shift; // as the numbers are shifted

  /**
   * @param rowBytes the bytes between neighbouring rows
   */
  RankUpdates(int channels, int rowBytes) {
    this.channels = channels;
    this.rowBytes = rowBytes;
    this.shift = new double[channels];
  }

  /**
   * Determines the shift: the mean of the first of {@code count} pixels. No blocks may be packed.
   */
  final void shiftBy(byte[] rows, int count) {
    int pixels = Math.min(count, SHIFT_PIXELS);
    Arrays.fill(shift, 0);
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        shift[c] += number(rows, p * rowBytes, c);
      }
      shift[c] = setShift(c, shift[c] / pixels);
    }
  }

  /** Returns the number of a channel in a row. */
  abstract double number(byte[] rows, int at, int channel);

  /** Sets the shift of a channel; returns it as rounded. */
  abstract double setShift(int channel, double value);

  /** Returns sums of products, all zero. Their layout is private to the class. */
  abstract double[] zero();

  /**
   * Adds the numbers of a block, minus the shift, to {@code sum}, and its statistics to {@code
   * counts}. {@link #finish} makes sure that the products of these numbers are added to {@code
   * products}.
   *
   * @param rows the channels of pixel p at {@code p·rowBytes}
   * @param count the number of pixels, at most {@link MomentsKernel#DEPTH}
   */
  abstract void add(double[] products, double[] sum, byte[] rows, int count, MomentsCounts counts);

  /** Adds products that are not yet added. */
  abstract void finish();

  /**
   * Returns the index of the product of channels i and j ≥ i. The products with the other channels
   * of a panel of {@link #width} that are at least i follow and precede it.
   */
  abstract int position(int i, int j);

  /** Returns the number of channels of a panel. */
  abstract int width();

  /** Computes the mean of {@code count} pixels, by channel. */
  final void mean(double[] sum, long count, double[] mean) {
    for (int c = 0; c < channels; c++) {
      mean[c] = shift[c] + sum[c] / count;
    }
  }

  /**
   * Computes the co-moments of {@code count} pixels as an {@link UpperTriangle}.
   *
   * @param sum the sum of the pixels minus the shift, by channel
   */
  final void coMoments(double[] products, double[] sum, long count, double[] triangle) {
    int width = width();
    int diagonal = 0;
    for (int i = 0; i < channels; i++) {
      double mean = sum[i] / count;
      int at = diagonal - i; // of channel 0 in the row
      for (int from = i; from < channels; from = (from / width + 1) * width) {
        int to = Math.min(channels, (from / width + 1) * width);
        int pairs = position(i, from) - from;
        for (int j = from; j < to; j++) {
          triangle[at + j] = products[pairs + j] - sum[j] * mean;
        }
      }
      triangle[diagonal] = Math.max(0, triangle[diagonal]);
      diagonal += channels - i;
    }
  }
}
