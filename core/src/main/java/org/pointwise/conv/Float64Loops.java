package org.pointwise.conv;

/**
 * The inner loops of moments of float64 numbers. Implementations are stateless, and their results
 * are bit-identical.
 *
 * <p>Rows are little-endian float64 in byte arrays, where positions and steps are in bytes. Panels
 * have {@value #WIDTH} channels: channel c of pixel k is {@value #WIDTH}·k + c numbers after the
 * panel's begin.
 */
sealed interface Float64Loops permits PlainFloat64Loops, VectorFloat64Loops {
  /** Channels of a panel: two vectors of AVX-512. */
  int WIDTH = 16;

  /** Channels of a panel that are multiplied by another panel together. */
  int LINES = 8;

  /** Pixels whose products make one chain of multiply-adds. */
  int CHAIN = 64;

  /** The smallest magnitude that rounds to an infinite float32. */
  double BEYOND_FLOAT32 = 0x1.ffffffp127;

  /** Returns whether no number of a row is NaN or becomes infinite when rounded to float32. */
  boolean finite(byte[] row, int at, int count);

  /**
   * Packs {@code x − shift} of {@code count} pixels as a panel. Stores the statistics of x.
   *
   * @param at the byte of the panel's first channel of the first pixel; the next pixel is {@code
   *     step} bytes further
   * @param channel the index of the panel's first channel in {@code shift} and {@code statistics}
   */
  void packCentred(
      byte[] rows,
      int at,
      int step,
      int count,
      double[] shift,
      int channel,
      double[] panel,
      int panelAt,
      Statistics statistics);

  /**
   * For {@value #LINES} channels r of one panel, the channels j of another and each {@link #CHAIN}
   * of pixels in ascending order: computes {@code s ← fma(x[k][r], x[k][j], s)} for the chain's
   * pixels k in ascending order, starting at +0, then {@code sums[sumsAt + r·WIDTH + j] ← sums[…] +
   * s}.
   *
   * @param linesAt the first of the channels r, of the first pixel
   * @param panelAt the first channel of the other panel, of the first pixel
   * @param depth the number of pixels
   */
  void multiply(double[] panels, int linesAt, int panelAt, int depth, double[] sums, int sumsAt);

  /**
   * Statistics of a block of pixels, by channel. Mutable.
   *
   * @param sum the sums of x − shift
   * @param zeros the numbers of zeros
   */
  record Statistics(double[] sum, double[] min, double[] max, double[] zeros) {
    Statistics(int channels) {
      this(new double[channels], new double[channels], new double[channels], new double[channels]);
    }
  }
}
