package org.pointwise.conv;

import org.pointwise.tensor.ElementAccess;

/**
 * Updates in float64, of rows of float64.
 *
 * <p>Lines and columns are panels of the same packed block, so that nothing is transposed. Products
 * are multiplied and stored in the same order, panel by panel, so that they are read and written in
 * sequence even if they fit into no cache.
 */
final class Float64Updates extends RankUpdates {
  private static final int WIDTH = Float64Loops.WIDTH;
  private static final int LINES = Float64Loops.LINES;

  /** Pixels that are multiplied together: the panels of 1,024 of their channels are 1 MiB. */
  private static final int DEPTH = 128;

  private final Float64Loops loops;
  private final double[] shift;
  private final double[] packed; // [panel][pixel][WIDTH]
  private final Float64Loops.Statistics block;

  Float64Updates(Float64Loops loops, int channels, int rowBytes) {
    super(channels, rowBytes);
    int padded = padded(channels);
    this.loops = loops;
    this.shift = new double[padded];
    this.packed = new double[padded * DEPTH];
    this.block = new Float64Loops.Statistics(padded);
  }

  /** Returns the channels of whole panels. */
  static int padded(int channels) {
    return (channels + WIDTH - 1) / WIDTH * WIDTH;
  }

  @Override
  double number(byte[] rows, int at, int channel) {
    return ElementAccess.float64At(rows, at + channel * Double.BYTES);
  }

  @Override
  double setShift(int channel, double value) {
    shift[channel] = value;
    return value;
  }

  @Override
  double[] zero() {
    return new double[panelAt(shift.length / WIDTH)];
  }

  @Override
  void add(double[] products, double[] sum, byte[] rows, int count, MomentsCounts counts) {
    for (int first = 0; first < count; first += DEPTH) {
      int depth = Math.min(DEPTH, count - first);
      for (int channel = 0; channel < shift.length; channel += WIDTH) {
        loops.packCentred(
            rows,
            first * rowBytes + channel * Double.BYTES,
            rowBytes,
            depth,
            shift,
            channel,
            packed,
            channel * DEPTH,
            block);
      }
      for (int c = 0; c < channels; c++) {
        sum[c] += block.sum()[c];
        counts.add(c, block.min()[c], block.max()[c], (long) block.zeros()[c]);
      }
      multiply(products, depth);
    }
  }

  private void multiply(double[] products, int depth) {
    int to = 0;
    for (int panel = 0; panel < shift.length; panel += WIDTH) {
      for (int line = 0; line < Math.min(channels, panel + WIDTH); line += LINES) {
        int lines = line / WIDTH * WIDTH * DEPTH + line % WIDTH;
        loops.multiply(packed, lines, panel * DEPTH, depth, products, to);
        to += LINES * WIDTH;
      }
      to = panelAt(panel / WIDTH + 1);
    }
  }

  @Override
  void finish() {}

  @Override
  int width() {
    return WIDTH;
  }

  /** Returns the index of the products of channel 0 with a panel. */
  private static int panelAt(int panel) {
    return Math.toIntExact((long) WIDTH * WIDTH * panel * (panel + 1) / 2);
  }

  @Override
  int position(int i, int j) {
    return panelAt(j / WIDTH) + i * WIDTH + j % WIDTH;
  }
}
