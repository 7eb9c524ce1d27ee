package org.pointwise.conv;

/**
 * The two inner loops. Implementations are stateless and agree to the bit (see the package's text
 * on the order of a sum).
 */
sealed interface Microkernel permits PlainMicrokernel, VectorMicrokernel {
  /** Pixels in a register tile. */
  int ROWS = 6;

  /** Floats in a vector; the width of a half panel. */
  int lanes();

  /**
   * For six pixels r and {@code width} columns j: {@code sums[sumsAt + r·stride + j] ←
   * fma(packed[k·6 + r], panel[k·width + j], ·)} for ascending k &lt; {@code depth}.
   *
   * @param width {@code lanes()} or {@code 2·lanes()}
   */
  void multiply(
      float[] packed,
      int packedAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt,
      int stride);

  /**
   * Ends the sums of one pixel: {@code row[o] ← act(sums[sumsAt + o] + bias[o])} for o &lt; {@code
   * bias.length}; NaN becomes the canonical one.
   */
  void finish(float[] sums, int sumsAt, float[] bias, Activation activation, float[] row);

  /** Pixels that {@link #dot} takes at most. */
  int DOT_PIXELS = 4;

  /**
   * For {@code count} pixels p and one output: {@code sums[sumsAt + p·sumsStride + i] ←
   * fma(pixels[at + p·stride + k], row[rowAt + k], ·)} for ascending k &lt; {@code depth}, i = k
   * mod 16.
   *
   * @param count at most {@link #DOT_PIXELS}
   * @param depth a multiple of 16; pixels and row are zero-padded to it
   */
  void dot(
      float[] pixels,
      int at,
      int stride,
      int count,
      float[] row,
      int rowAt,
      int depth,
      float[] sums,
      int sumsAt,
      int sumsStride);
}
