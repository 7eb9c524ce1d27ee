package org.pointwise.conv;

/**
 * The inner loops over packed numbers. Implementations are stateless and agree to the bit (see the
 * package's text on the order of a sum).
 *
 * <p>Lines and rows are float32, little-endian, in byte arrays, where positions and steps count
 * bytes; panels and sums are float arrays, where they count floats.
 */
sealed interface Microkernel permits PlainMicrokernel, VectorMicrokernel {
  /** Lines that are multiplied together. */
  int LINES = 12;

  /** The same at the end of few lines, where a panel is two vectors wide. */
  int HALF_LINES = 6;

  /**
   * Floats between neighbouring lines: one slice of channels and a cache line, so that lines of one
   * channel do not share a cache set.
   */
  int LINE = PackedWeights.SLICE + 16;

  /** Bytes between neighbouring lines. */
  int LINE_BYTES = LINE * Float.BYTES;

  /** Channels whose products make one chain of multiply-adds; slices are whole chains. */
  int CHAIN = 64;

  /** Floats in a vector. */
  int lanes();

  /**
   * For {@code count} lines r, {@code width} columns j and each {@link #CHAIN} of channels in
   * ascending order: {@code s ← fma(lines[r][k], panel[k][j], s)} for ascending k of these,
   * starting at +0, then {@code sums[sumsAt + r·width + j] ← sums[…] + s}.
   *
   * @param lines numbers of channel k at {@code linesAt + r·LINE_BYTES + 4k}
   * @param count {@link #LINES}, or {@link #HALF_LINES} where the panel is two vectors wide
   * @param panel channel k of column j at {@code panelAt + k·width + j}
   * @param width {@code lanes()} or {@code 2·lanes()}
   */
  void multiply(
      byte[] lines,
      int linesAt,
      int count,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt);

  /** Pixels that {@link #dot} takes at most. */
  int DOT_PIXELS = 4;

  /**
   * For {@code pixels} pixels p and {@code outs} rows of weights o: {@code partials[partialsAt +
   * p·stride + 16o + i] ← fma(x[p][k], row[o][k], ·)} for ascending k &lt; {@code depth}, i = k mod
   * 16.
   *
   * @param x channel k of pixel p at {@code at + p·step + 4k}
   * @param pixels at most {@link #DOT_PIXELS}
   * @param rows weight k of output o at {@code rowsAt + o·rowStep + 4k}
   * @param depth a multiple of 16
   */
  void dot(
      byte[] x,
      int at,
      int step,
      int pixels,
      byte[] rows,
      int rowsAt,
      int rowStep,
      int outs,
      int depth,
      float[] partials,
      int partialsAt,
      int stride);

  /** Planes that {@link #dotPlanes} takes at most. */
  int DOT_PLANES = 4;

  /**
   * One partial sum of one output, for pixels side by side: {@code partials[partialsAt + p] ←
   * fma(x[j][p], weights[j], ·)} for ascending j &lt; {@code planes} and p &lt; {@code pixels}
   * rounded up to whole vectors.
   *
   * @param x pixel p of plane j at {@code at + j·step + 4p}
   * @param planes at most {@link #DOT_PLANES}
   * @param weights of plane j at {@code weightsAt + j·weightsStep}
   */
  void dotPlanes(
      byte[] x,
      int at,
      int step,
      int planes,
      int pixels,
      byte[] weights,
      int weightsAt,
      int weightsStep,
      float[] partials,
      int partialsAt);

  /**
   * Ends dot products: {@code sums[sumsAt + g]} becomes the pairwise sum of the 16 partials at
   * {@code 16g}, for g &lt; {@code groups} rounded up to 16. Overwrites the partials.
   */
  void addPartials(float[] partials, int groups, float[] sums, int sumsAt);

  /**
   * The same for pixels side by side: {@code sums[sumsAt + p]} becomes the pairwise sum of the
   * partials at {@code partialsAt + i·stride + p}, for p &lt; {@code pixels} rounded up to whole
   * vectors.
   */
  void addPartialPlanes(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt);

  /**
   * {@code sums[sumsAt + i] ← sums[sumsAt + i] + values[i]} in float64, for i &lt; {@code count},
   * whole vectors.
   */
  void addWidened(float[] values, int at, int count, double[] sums, int sumsAt);

  /**
   * Whether a number of {@code values} from {@code at} is NaN or of magnitude {@code limit} or
   * more.
   *
   * @param count a multiple of {@link #lanes}
   */
  boolean anySuspect(float[] values, int at, int count, float limit);

  /**
   * {@code values[i] ← act(values[i])}, at ≤ i &lt; at + {@code count}; NaN becomes the canonical
   * one. Of one output, or of several where no slopes differ.
   */
  void activate(float[] values, int at, int count, Activation activation);

  /**
   * {@code values[v] ← act(values[v] + bias[biasAt + i])}, v = at + r·lineStep + i, for r &lt;
   * {@code lines}, i &lt; {@code count}; NaN becomes the canonical one.
   *
   * @param activation at most bounds: {@link Activation#isClip}
   */
  void epilogue(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation);

  /**
   * The same, but writes the results as float32, little-endian, to {@code out}: value i of line r
   * at {@code outAt + r·outLineStep + 4i}.
   */
  void epilogueTo(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation,
      byte[] out,
      int outAt,
      int outLineStep);

  /** As the first for one line with one bias. */
  void epilogue(float[] values, int at, int count, float bias, Activation activation);
}
