package org.pointwise.conv;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Computes dot products of pixels whose channels are adjacent: {@link Microkernel#dot}. Lanes run
 * along input channels. Accumulators are local variables, as in {@link VectorTiles}.
 */
final class VectorDots {
  /** At most 16 lanes, so that the partial sums of a dot product are whole vectors. */
  static final VectorSpecies<Float> DOT =
      FloatVector.SPECIES_PREFERRED.length() <= PackedWeights.DOT_LANES
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  private static final VectorSpecies<Byte> DOT_BYTES = DOT.withLanes(byte.class);

  /** AVX-512 has 32 registers, enough for 16 accumulators. */
  private static final boolean MANY_REGISTERS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() == 512;

  private VectorDots() {}

  /** Implements {@link Microkernel#dot}. */
  static void dot(
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
      int stride) {
    for (int lane = 0; lane < PackedWeights.DOT_LANES; lane += DOT.length()) {
      int from = at + lane * Float.BYTES;
      int weights = rowsAt + lane * Float.BYTES;
      int to = partialsAt + lane;
      if (pixels < Microkernel.DOT_PIXELS) {
        for (int p = 0; p < pixels; p++) {
          for (int o = 0; o < outs; o++) {
            int sum = to + p * stride + o * PackedWeights.DOT_LANES;
            one(x, from + p * step, rows, weights + o * rowStep, depth, partials, sum);
          }
        }
        continue;
      }
      int o = 0;
      for (; o + 3 < outs && MANY_REGISTERS; o += 4) {
        int sum = to + o * PackedWeights.DOT_LANES;
        fourByFour(
            x, from, step, rows, weights + o * rowStep, rowStep, depth, partials, sum, stride);
      }
      for (; o + 1 < outs; o += 2) {
        int sum = to + o * PackedWeights.DOT_LANES;
        fourByTwo(
            x, from, step, rows, weights + o * rowStep, rowStep, depth, partials, sum, stride);
      }
      if (o < outs) {
        int sum = to + o * PackedWeights.DOT_LANES;
        four(x, from, step, rows, weights + o * rowStep, depth, partials, sum, stride);
      }
    }
  }

  /**
   * Reads each pixel once for all four outputs. At least eight accumulators, as in {@link
   * #fourByTwo}, hide the latency of the multiply-add.
   */
  private static void fourByFour(
      byte[] x,
      int x0,
      int step,
      byte[] w,
      int w0,
      int wStep,
      int depth,
      float[] sums,
      int at,
      int stride) {
    int x1 = x0 + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    int w1 = w0 + wStep;
    int w2 = w1 + wStep;
    int w3 = w2 + wStep;
    FloatVector s00 = FloatVector.fromArray(DOT, sums, at);
    FloatVector s01 = FloatVector.fromArray(DOT, sums, at + PackedWeights.DOT_LANES);
    FloatVector s02 = FloatVector.fromArray(DOT, sums, at + 2 * PackedWeights.DOT_LANES);
    FloatVector s03 = FloatVector.fromArray(DOT, sums, at + 3 * PackedWeights.DOT_LANES);
    FloatVector s10 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s11 = FloatVector.fromArray(DOT, sums, at + stride + PackedWeights.DOT_LANES);
    FloatVector s12 = FloatVector.fromArray(DOT, sums, at + stride + 2 * PackedWeights.DOT_LANES);
    FloatVector s13 = FloatVector.fromArray(DOT, sums, at + stride + 3 * PackedWeights.DOT_LANES);
    FloatVector s20 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s21 = FloatVector.fromArray(DOT, sums, at + 2 * stride + PackedWeights.DOT_LANES);
    FloatVector s22 =
        FloatVector.fromArray(DOT, sums, at + 2 * stride + 2 * PackedWeights.DOT_LANES);
    FloatVector s23 =
        FloatVector.fromArray(DOT, sums, at + 2 * stride + 3 * PackedWeights.DOT_LANES);
    FloatVector s30 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    FloatVector s31 = FloatVector.fromArray(DOT, sums, at + 3 * stride + PackedWeights.DOT_LANES);
    FloatVector s32 =
        FloatVector.fromArray(DOT, sums, at + 3 * stride + 2 * PackedWeights.DOT_LANES);
    FloatVector s33 =
        FloatVector.fromArray(DOT, sums, at + 3 * stride + 3 * PackedWeights.DOT_LANES);
    for (int k = 0; k < depth * Float.BYTES; k += PackedWeights.DOT_LANES * Float.BYTES) {
      FloatVector v0 = ByteVector.fromArray(DOT_BYTES, w, w0 + k).reinterpretAsFloats();
      FloatVector v1 = ByteVector.fromArray(DOT_BYTES, w, w1 + k).reinterpretAsFloats();
      FloatVector v2 = ByteVector.fromArray(DOT_BYTES, w, w2 + k).reinterpretAsFloats();
      FloatVector v3 = ByteVector.fromArray(DOT_BYTES, w, w3 + k).reinterpretAsFloats();
      FloatVector y = ByteVector.fromArray(DOT_BYTES, x, x0 + k).reinterpretAsFloats();
      s00 = y.fma(v0, s00);
      s01 = y.fma(v1, s01);
      s02 = y.fma(v2, s02);
      s03 = y.fma(v3, s03);
      y = ByteVector.fromArray(DOT_BYTES, x, x1 + k).reinterpretAsFloats();
      s10 = y.fma(v0, s10);
      s11 = y.fma(v1, s11);
      s12 = y.fma(v2, s12);
      s13 = y.fma(v3, s13);
      y = ByteVector.fromArray(DOT_BYTES, x, x2 + k).reinterpretAsFloats();
      s20 = y.fma(v0, s20);
      s21 = y.fma(v1, s21);
      s22 = y.fma(v2, s22);
      s23 = y.fma(v3, s23);
      y = ByteVector.fromArray(DOT_BYTES, x, x3 + k).reinterpretAsFloats();
      s30 = y.fma(v0, s30);
      s31 = y.fma(v1, s31);
      s32 = y.fma(v2, s32);
      s33 = y.fma(v3, s33);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + PackedWeights.DOT_LANES);
    s02.intoArray(sums, at + 2 * PackedWeights.DOT_LANES);
    s03.intoArray(sums, at + 3 * PackedWeights.DOT_LANES);
    s10.intoArray(sums, at + stride);
    s11.intoArray(sums, at + stride + PackedWeights.DOT_LANES);
    s12.intoArray(sums, at + stride + 2 * PackedWeights.DOT_LANES);
    s13.intoArray(sums, at + stride + 3 * PackedWeights.DOT_LANES);
    s20.intoArray(sums, at + 2 * stride);
    s21.intoArray(sums, at + 2 * stride + PackedWeights.DOT_LANES);
    s22.intoArray(sums, at + 2 * stride + 2 * PackedWeights.DOT_LANES);
    s23.intoArray(sums, at + 2 * stride + 3 * PackedWeights.DOT_LANES);
    s30.intoArray(sums, at + 3 * stride);
    s31.intoArray(sums, at + 3 * stride + PackedWeights.DOT_LANES);
    s32.intoArray(sums, at + 3 * stride + 2 * PackedWeights.DOT_LANES);
    s33.intoArray(sums, at + 3 * stride + 3 * PackedWeights.DOT_LANES);
  }

  private static void fourByTwo(
      byte[] x,
      int x0,
      int step,
      byte[] w,
      int w0,
      int wStep,
      int depth,
      float[] sums,
      int at,
      int stride) {
    int x1 = x0 + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    int w1 = w0 + wStep;
    FloatVector s00 = FloatVector.fromArray(DOT, sums, at);
    FloatVector s01 = FloatVector.fromArray(DOT, sums, at + PackedWeights.DOT_LANES);
    FloatVector s10 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s11 = FloatVector.fromArray(DOT, sums, at + stride + PackedWeights.DOT_LANES);
    FloatVector s20 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s21 = FloatVector.fromArray(DOT, sums, at + 2 * stride + PackedWeights.DOT_LANES);
    FloatVector s30 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    FloatVector s31 = FloatVector.fromArray(DOT, sums, at + 3 * stride + PackedWeights.DOT_LANES);
    for (int k = 0; k < depth * Float.BYTES; k += PackedWeights.DOT_LANES * Float.BYTES) {
      FloatVector v0 = ByteVector.fromArray(DOT_BYTES, w, w0 + k).reinterpretAsFloats();
      FloatVector v1 = ByteVector.fromArray(DOT_BYTES, w, w1 + k).reinterpretAsFloats();
      FloatVector y = ByteVector.fromArray(DOT_BYTES, x, x0 + k).reinterpretAsFloats();
      s00 = y.fma(v0, s00);
      s01 = y.fma(v1, s01);
      y = ByteVector.fromArray(DOT_BYTES, x, x1 + k).reinterpretAsFloats();
      s10 = y.fma(v0, s10);
      s11 = y.fma(v1, s11);
      y = ByteVector.fromArray(DOT_BYTES, x, x2 + k).reinterpretAsFloats();
      s20 = y.fma(v0, s20);
      s21 = y.fma(v1, s21);
      y = ByteVector.fromArray(DOT_BYTES, x, x3 + k).reinterpretAsFloats();
      s30 = y.fma(v0, s30);
      s31 = y.fma(v1, s31);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + PackedWeights.DOT_LANES);
    s10.intoArray(sums, at + stride);
    s11.intoArray(sums, at + stride + PackedWeights.DOT_LANES);
    s20.intoArray(sums, at + 2 * stride);
    s21.intoArray(sums, at + 2 * stride + PackedWeights.DOT_LANES);
    s30.intoArray(sums, at + 3 * stride);
    s31.intoArray(sums, at + 3 * stride + PackedWeights.DOT_LANES);
  }

  private static void four(
      byte[] x, int x0, int step, byte[] w, int w0, int depth, float[] sums, int at, int stride) {
    int x1 = x0 + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    FloatVector s0 = FloatVector.fromArray(DOT, sums, at);
    FloatVector s1 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s2 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s3 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    for (int k = 0; k < depth * Float.BYTES; k += PackedWeights.DOT_LANES * Float.BYTES) {
      FloatVector v0 = ByteVector.fromArray(DOT_BYTES, w, w0 + k).reinterpretAsFloats();
      FloatVector y = ByteVector.fromArray(DOT_BYTES, x, x0 + k).reinterpretAsFloats();
      s0 = y.fma(v0, s0);
      y = ByteVector.fromArray(DOT_BYTES, x, x1 + k).reinterpretAsFloats();
      s1 = y.fma(v0, s1);
      y = ByteVector.fromArray(DOT_BYTES, x, x2 + k).reinterpretAsFloats();
      s2 = y.fma(v0, s2);
      y = ByteVector.fromArray(DOT_BYTES, x, x3 + k).reinterpretAsFloats();
      s3 = y.fma(v0, s3);
    }
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + stride);
    s2.intoArray(sums, at + 2 * stride);
    s3.intoArray(sums, at + 3 * stride);
  }

  private static void one(byte[] x, int x0, byte[] w, int w0, int depth, float[] sums, int at) {
    FloatVector s = FloatVector.fromArray(DOT, sums, at);
    for (int k = 0; k < depth * Float.BYTES; k += PackedWeights.DOT_LANES * Float.BYTES) {
      s =
          ByteVector.fromArray(DOT_BYTES, x, x0 + k)
              .reinterpretAsFloats()
              .fma(ByteVector.fromArray(DOT_BYTES, w, w0 + k).reinterpretAsFloats(), s);
    }
    s.intoArray(sums, at);
  }
}
