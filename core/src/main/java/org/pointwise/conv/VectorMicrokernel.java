package org.pointwise.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * SIMD by the Vector API. Lanes run along output channels in {@link #multiply}, along input
 * channels in {@link #dot}.
 *
 * <p>Accumulators are locals, one a register: arrays of vectors would be boxed. Loaded by name only
 * (see {@link KernelChoice}), since a class that links the module cannot load without it.
 */
final class VectorMicrokernel implements Microkernel {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** At most 16 lanes, so that the partial sums of a dot product are whole vectors. */
  private static final VectorSpecies<Float> DOT =
      LANES <= PackedHeads.DOT_LANES ? SPECIES : FloatVector.SPECIES_512;

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
    if (width == LANES) {
      multiplyHalf(packed, packedAt, panel, panelAt, depth, sums, sumsAt, stride);
    } else {
      multiplyWhole(packed, packedAt, panel, panelAt, depth, sums, sumsAt, stride);
    }
  }

  private static void multiplyWhole(
      float[] a, int ai, float[] b, int bi, int depth, float[] c, int c0, int stride) {
    int c1 = c0 + stride;
    int c2 = c1 + stride;
    int c3 = c2 + stride;
    int c4 = c3 + stride;
    int c5 = c4 + stride;
    FloatVector s00 = FloatVector.fromArray(SPECIES, c, c0);
    FloatVector s01 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
    FloatVector s10 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
    FloatVector s20 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
    FloatVector s30 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    FloatVector s40 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector s41 = FloatVector.fromArray(SPECIES, c, c4 + LANES);
    FloatVector s50 = FloatVector.fromArray(SPECIES, c, c5);
    FloatVector s51 = FloatVector.fromArray(SPECIES, c, c5 + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, b, bi);
      FloatVector w1 = FloatVector.fromArray(SPECIES, b, bi + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[ai]);
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(SPECIES, a[ai + 1]);
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x = FloatVector.broadcast(SPECIES, a[ai + 2]);
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x = FloatVector.broadcast(SPECIES, a[ai + 3]);
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      x = FloatVector.broadcast(SPECIES, a[ai + 4]);
      s40 = x.fma(w0, s40);
      s41 = x.fma(w1, s41);
      x = FloatVector.broadcast(SPECIES, a[ai + 5]);
      s50 = x.fma(w0, s50);
      s51 = x.fma(w1, s51);
      ai += ROWS;
      bi += 2 * LANES;
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + LANES);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + LANES);
  }

  private static void multiplyHalf(
      float[] a, int ai, float[] b, int bi, int depth, float[] c, int c0, int stride) {
    int c1 = c0 + stride;
    int c2 = c1 + stride;
    int c3 = c2 + stride;
    int c4 = c3 + stride;
    int c5 = c4 + stride;
    FloatVector s0 = FloatVector.fromArray(SPECIES, c, c0);
    FloatVector s1 = FloatVector.fromArray(SPECIES, c, c1);
    FloatVector s2 = FloatVector.fromArray(SPECIES, c, c2);
    FloatVector s3 = FloatVector.fromArray(SPECIES, c, c3);
    FloatVector s4 = FloatVector.fromArray(SPECIES, c, c4);
    FloatVector s5 = FloatVector.fromArray(SPECIES, c, c5);
    for (int k = 0; k < depth; k++) {
      FloatVector w = FloatVector.fromArray(SPECIES, b, bi);
      s0 = FloatVector.broadcast(SPECIES, a[ai]).fma(w, s0);
      s1 = FloatVector.broadcast(SPECIES, a[ai + 1]).fma(w, s1);
      s2 = FloatVector.broadcast(SPECIES, a[ai + 2]).fma(w, s2);
      s3 = FloatVector.broadcast(SPECIES, a[ai + 3]).fma(w, s3);
      s4 = FloatVector.broadcast(SPECIES, a[ai + 4]).fma(w, s4);
      s5 = FloatVector.broadcast(SPECIES, a[ai + 5]).fma(w, s5);
      ai += ROWS;
      bi += LANES;
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c1);
    s2.intoArray(c, c2);
    s3.intoArray(c, c3);
    s4.intoArray(c, c4);
    s5.intoArray(c, c5);
  }

  @Override
  public void finish(float[] sums, int sumsAt, float[] bias, Activation activation, float[] row) {
    int whole = SPECIES.loopBound(bias.length);
    for (int o = 0; o < whole; o += LANES) {
      FloatVector y =
          FloatVector.fromArray(SPECIES, sums, sumsAt + o)
              .add(FloatVector.fromArray(SPECIES, bias, o));
      if (activation != Activation.NONE) {
        y = y.max(0f);
      }
      if (activation == Activation.RELU6) {
        y = y.min(6f);
      }
      y.blend(Float.NaN, y.test(VectorOperators.IS_NAN)).intoArray(row, o);
    }
    for (int o = whole; o < bias.length; o++) {
      row[o] = PlainMicrokernel.finish(sums[sumsAt + o] + bias[o], activation);
    }
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
    for (int lane = 0; lane < PackedHeads.DOT_LANES; lane += DOT.length()) {
      if (count == DOT_PIXELS) {
        dotFour(
            pixels, at + lane, stride, row, rowAt + lane, depth, sums, sumsAt + lane, sumsStride);
      } else {
        for (int p = 0; p < count; p++) {
          dotOne(
              pixels,
              at + lane + p * stride,
              row,
              rowAt + lane,
              depth,
              sums,
              sumsAt + lane + p * sumsStride);
        }
      }
    }
  }

  /** Four accumulators hide the latency of the multiply-add; the weights are read once for all. */
  private static void dotFour(
      float[] x,
      int x0,
      int stride,
      float[] w,
      int wi,
      int depth,
      float[] sums,
      int at,
      int sumsStride) {
    int x1 = x0 + stride;
    int x2 = x1 + stride;
    int x3 = x2 + stride;
    FloatVector s0 = FloatVector.fromArray(DOT, sums, at);
    FloatVector s1 = FloatVector.fromArray(DOT, sums, at + sumsStride);
    FloatVector s2 = FloatVector.fromArray(DOT, sums, at + 2 * sumsStride);
    FloatVector s3 = FloatVector.fromArray(DOT, sums, at + 3 * sumsStride);
    for (int k = 0; k < depth; k += PackedHeads.DOT_LANES) {
      FloatVector weights = FloatVector.fromArray(DOT, w, wi + k);
      s0 = FloatVector.fromArray(DOT, x, x0 + k).fma(weights, s0);
      s1 = FloatVector.fromArray(DOT, x, x1 + k).fma(weights, s1);
      s2 = FloatVector.fromArray(DOT, x, x2 + k).fma(weights, s2);
      s3 = FloatVector.fromArray(DOT, x, x3 + k).fma(weights, s3);
    }
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + sumsStride);
    s2.intoArray(sums, at + 2 * sumsStride);
    s3.intoArray(sums, at + 3 * sumsStride);
  }

  private static void dotOne(
      float[] x, int xi, float[] w, int wi, int depth, float[] sums, int at) {
    FloatVector s = FloatVector.fromArray(DOT, sums, at);
    for (int k = 0; k < depth; k += PackedHeads.DOT_LANES) {
      s = FloatVector.fromArray(DOT, x, xi + k).fma(FloatVector.fromArray(DOT, w, wi + k), s);
    }
    s.intoArray(sums, at);
  }
}
