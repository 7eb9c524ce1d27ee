package org.pointwise.conv;

/** The oracle, and the way out where the JVM has no vector module. */
final class PlainMicrokernel implements Microkernel {
  private static final int LANES = 8;

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void multiply(
      float[] packed,
      int packedAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt,
      int stride) {
    for (int r = 0; r < ROWS; r++) {
      int row = sumsAt + r * stride;
      for (int k = 0; k < depth; k++) {
        float x = packed[packedAt + k * ROWS + r];
        int weights = panelAt + k * width;
        for (int j = 0; j < width; j++) {
          sums[row + j] = Math.fma(x, panel[weights + j], sums[row + j]);
        }
      }
    }
  }

  @Override
  public void finish(float[] sums, int sumsAt, float[] bias, Activation activation, float[] row) {
    for (int o = 0; o < bias.length; o++) {
      row[o] = finish(sums[sumsAt + o] + bias[o], activation);
    }
  }

  /** One value of {@link Microkernel#finish}. */
  static float finish(float y, Activation activation) {
    return Float.isNaN(y) ? Float.NaN : activation.apply(y);
  }

  @Override
  public void dot(
      float[] pixels,
      int at,
      int stride,
      int count,
      float[] row,
      int rowAt,
      int depth,
      float[] sums,
      int sumsAt,
      int sumsStride) {
    for (int p = 0; p < count; p++) {
      int pixel = at + p * stride;
      int sum = sumsAt + p * sumsStride;
      for (int k = 0; k < depth; k += PackedHeads.DOT_LANES) {
        for (int i = 0; i < PackedHeads.DOT_LANES; i++) {
          sums[sum + i] = Math.fma(pixels[pixel + k + i], row[rowAt + k + i], sums[sum + i]);
        }
      }
    }
  }
}
