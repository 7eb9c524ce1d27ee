package org.pointwise.conv;

/**
 * The inner loops over packed numbers. Implementations are stateless, and their results are
 * bit-identical (see the order of a sum in the package description).
 *
 * <p>Lines and rows are little-endian float32 in byte arrays, where positions and steps are in
 * bytes. Panels and sums are float arrays, where positions and steps are in floats.
 */
sealed interface Microkernel permits PlainMicrokernel, VectorMicrokernel {
  /** Lines that are multiplied together. */
  int LINES = 12;

  /**
   * Lines that are multiplied together where fewer than {@link #LINES} remain; requires a panel two
   * vectors wide.
   */
  int HALF_LINES = 6;

  /**
   * Floats between neighbouring lines: one slice of channels and one cache line, so that one
   * channel of several lines does not fall into one cache set.
   */
  int LINE = PackedWeights.SLICE + 16;

  /** Bytes between neighbouring lines. */
  int LINE_BYTES = LINE * Float.BYTES;

  /**
   * Channels whose products make one chain of multiply-adds. A slice is a whole number of chains.
   */
  int CHAIN = 64;

  /** Returns the number of floats in a vector. */
  int lanes();

  /**
   * For {@code count} lines r, {@code width} columns j and each {@link #CHAIN} of channels in
   * ascending order: computes {@code s ← fma(lines[r][k], panel[k][j], s)} for the chain's k in
   * ascending order, starting at +0, then {@code sums[sumsAt + r·width + j] ← sums[…] + s}.
   *
   * @param lines channel k of line r at {@code linesAt + r·LINE_BYTES + 4k}
   * @param count {@link #LINES}, or {@link #HALF_LINES} if the panel is two vectors wide
   * @param panel channel k of column j at {@code panelAt + k·width + j}
   * @param width {@code lanes()} or {@code 2·lanes()}
   * @param depth the number of channels
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

  /** Vectors of a wide panel of {@link #multiplyLine}; a narrow one has half as many. */
  int LINE_VECTORS = 8;

  /**
   * Computes {@link #multiply} for one line.
   *
   * @param line channel k at {@code lineAt + 4k}
   * @param panel channel k of column j at {@code panelAt + k·width + j}
   * @param width {@code LINE_VECTORS·lanes()}, or half of it
   */
  void multiplyLine(
      byte[] line,
      int lineAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt);

  /** The largest number of pixels for {@link #dot}. */
  int DOT_PIXELS = 4;

  /**
   * For {@code pixels} pixels p and {@code outs} rows of weights o: computes {@code
   * partials[partialsAt + p·stride + 16o + i] ← fma(x[p][k], row[o][k], ·)} for ascending k &lt;
   * {@code depth}, i = k mod 16.
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

  /** The largest number of planes for {@link #dotPlanes}. */
  int DOT_PLANES = 4;

  /**
   * Computes one partial sum of one output, for adjacent pixels: {@code partials[partialsAt + p] ←
   * fma(x[j][p], weights[j], ·)} for ascending j &lt; {@code planes} and p &lt; {@code pixels},
   * rounded up to whole vectors.
   *
   * @param x pixel p of plane j at {@code at + j·step + 4p}
   * @param planes at most {@link #DOT_PLANES}
   * @param weights the weight of plane j at {@code weightsAt + j·weightsStep}
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
   * Finishes dot products: {@code sums[sumsAt + g]} becomes the pairwise sum of the 16 partial sums
   * at {@code 16g}, for g &lt; {@code groups}, rounded up to 16. Overwrites the partial sums.
   */
  void addPartials(float[] partials, int groups, float[] sums, int sumsAt);

  /**
   * Finishes dot products of adjacent pixels: {@code sums[sumsAt + p]} becomes the pairwise sum of
   * the 16 partial sums at {@code partialsAt + i·stride + p}, for p &lt; {@code pixels}, rounded up
   * to whole vectors. Overwrites the partial sums.
   */
  void addPartialPlanes(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt);

  /**
   * Computes {@code sums[sumsAt + i] ← sums[sumsAt + i] + values[at + i]} in float64, for i &lt;
   * {@code count}.
   *
   * @param count a whole number of vectors
   */
  void addWidened(float[] values, int at, int count, double[] sums, int sumsAt);

  /**
   * Returns whether one of the numbers of {@code values} from {@code at} is NaN or has a magnitude
   * of at least {@code limit}.
   *
   * @param count a multiple of {@link #lanes}
   */
  boolean anySuspect(float[] values, int at, int count, float limit);

  /**
   * Computes {@code values[i] ← act(values[i])} for at ≤ i &lt; at + {@code count}. NaN becomes the
   * canonical NaN. The values belong to one output, or to several outputs with the same slope.
   */
  void activate(float[] values, int at, int count, Activation activation);

  /**
   * Computes {@code values[v] ← act(values[v] + bias[biasAt + i])}, v = at + r·lineStep + i, for r
   * &lt; {@code lines}, i &lt; {@code count}. NaN becomes the canonical NaN.
   *
   * @param activation the identity or bounds: {@link Activation#isClip}
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
   * Computes the same, but writes the results to {@code out} as little-endian float32: value i of
   * line r at {@code outAt + r·outLineStep + 4i}.
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

  /**
   * Computes {@code values[v] ← act(values[v] + bias)} for at ≤ v &lt; at + {@code count}, with the
   * same contract.
   */
  void epilogue(float[] values, int at, int count, float bias, Activation activation);
}
