package org.pointwise.conv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * SIMD by the Vector API, for little-endian machines. Lanes run along the columns of a panel in
 * {@link #multiply}, along input channels in {@link #dot}, along pixels in {@link #dotPlanes}.
 *
 * <p>Accumulators are locals, one a register: arrays of vectors would be boxed. The tiles call no
 * helper, and index panels by {@code k * 2 * LANES}, because of what C2 makes of it otherwise (see
 * the package's text). Loaded by name only (see {@link KernelChoice}), since a class that links the
 * module cannot load without it.
 */
final class VectorMicrokernel implements Microkernel {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** AVX-512 has 32 registers: room for 24 accumulators. */
  private static final boolean MANY_REGISTERS = SPECIES.vectorBitSize() == 512;

  /** At most 16 lanes, so that the partial sums of a dot product are whole vectors. */
  private static final VectorSpecies<Float> DOT =
      LANES <= HeadLayout.DOT_LANES ? SPECIES : FloatVector.SPECIES_512;

  private static final VectorSpecies<Byte> DOT_BYTES =
      LANES <= HeadLayout.DOT_LANES ? BYTES : ByteVector.SPECIES_512;

  /** Groups of partial sums that {@link #gather} takes. */
  private static final int GATHERED = DOT.length();

  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  /** Lanes in the upper half of every {@code 2·distance}. */
  private static VectorMask<Float> upper(int distance) {
    boolean[] lanes = new boolean[GATHERED];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(DOT, lanes, 0);
  }

  /** The halves of every {@code 2·distance} lanes exchanged. */
  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(DOT, i -> (i ^ distance) % GATHERED);
  }

  @Override
  public int lanes() {
    return LANES;
  }

  private static FloatVector load(byte[] bytes, int at) {
    return ByteVector.fromArray(BYTES, bytes, at).reinterpretAsFloats();
  }

  @Override
  public void multiply(
      byte[] lines,
      int linesAt,
      int count,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    for (int k = 0; k < depth; k += CHAIN) {
      int channels = Math.min(CHAIN, depth - k);
      int from = linesAt + k * Float.BYTES;
      int to = panelAt + k * width;
      if (width == LANES) {
        twelveByOne(lines, from, panel, to, channels, sums, sumsAt);
      } else if (count == LINES && MANY_REGISTERS) {
        twelveByTwo(lines, from, panel, to, channels, sums, sumsAt);
      } else {
        sixByTwo(lines, from, panel, to, channels, sums, sumsAt);
        if (count == LINES) {
          int half = from + HALF_LINES * LINE_BYTES;
          sixByTwo(lines, half, panel, to, channels, sums, sumsAt + HALF_LINES * width);
        }
      }
    }
  }

  private static void sixByTwo(byte[] a, int ai, float[] b, int bi, int depth, float[] c, int ci) {
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    FloatVector s20 = FloatVector.zero(SPECIES);
    FloatVector s21 = FloatVector.zero(SPECIES);
    FloatVector s30 = FloatVector.zero(SPECIES);
    FloatVector s31 = FloatVector.zero(SPECIES);
    FloatVector s40 = FloatVector.zero(SPECIES);
    FloatVector s41 = FloatVector.zero(SPECIES);
    FloatVector s50 = FloatVector.zero(SPECIES);
    FloatVector s51 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, b, bi + k * 2 * LANES);
      FloatVector w1 = FloatVector.fromArray(SPECIES, b, bi + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k));
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + LINE_BYTES));
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 2 * LINE_BYTES));
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 3 * LINE_BYTES));
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 4 * LINE_BYTES));
      s40 = x.fma(w0, s40);
      s41 = x.fma(w1, s41);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 5 * LINE_BYTES));
      s50 = x.fma(w0, s50);
      s51 = x.fma(w1, s51);
    }
    s00.add(FloatVector.fromArray(SPECIES, c, ci)).intoArray(c, ci);
    s01.add(FloatVector.fromArray(SPECIES, c, ci + LANES)).intoArray(c, ci + LANES);
    s10.add(FloatVector.fromArray(SPECIES, c, ci + 2 * LANES)).intoArray(c, ci + 2 * LANES);
    s11.add(FloatVector.fromArray(SPECIES, c, ci + 3 * LANES)).intoArray(c, ci + 3 * LANES);
    s20.add(FloatVector.fromArray(SPECIES, c, ci + 4 * LANES)).intoArray(c, ci + 4 * LANES);
    s21.add(FloatVector.fromArray(SPECIES, c, ci + 5 * LANES)).intoArray(c, ci + 5 * LANES);
    s30.add(FloatVector.fromArray(SPECIES, c, ci + 6 * LANES)).intoArray(c, ci + 6 * LANES);
    s31.add(FloatVector.fromArray(SPECIES, c, ci + 7 * LANES)).intoArray(c, ci + 7 * LANES);
    s40.add(FloatVector.fromArray(SPECIES, c, ci + 8 * LANES)).intoArray(c, ci + 8 * LANES);
    s41.add(FloatVector.fromArray(SPECIES, c, ci + 9 * LANES)).intoArray(c, ci + 9 * LANES);
    s50.add(FloatVector.fromArray(SPECIES, c, ci + 10 * LANES)).intoArray(c, ci + 10 * LANES);
    s51.add(FloatVector.fromArray(SPECIES, c, ci + 11 * LANES)).intoArray(c, ci + 11 * LANES);
  }

  private static void twelveByTwo(
      byte[] a, int ai, float[] b, int bi, int depth, float[] c, int ci) {
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    FloatVector s20 = FloatVector.zero(SPECIES);
    FloatVector s21 = FloatVector.zero(SPECIES);
    FloatVector s30 = FloatVector.zero(SPECIES);
    FloatVector s31 = FloatVector.zero(SPECIES);
    FloatVector s40 = FloatVector.zero(SPECIES);
    FloatVector s41 = FloatVector.zero(SPECIES);
    FloatVector s50 = FloatVector.zero(SPECIES);
    FloatVector s51 = FloatVector.zero(SPECIES);
    FloatVector s60 = FloatVector.zero(SPECIES);
    FloatVector s61 = FloatVector.zero(SPECIES);
    FloatVector s70 = FloatVector.zero(SPECIES);
    FloatVector s71 = FloatVector.zero(SPECIES);
    FloatVector s80 = FloatVector.zero(SPECIES);
    FloatVector s81 = FloatVector.zero(SPECIES);
    FloatVector s90 = FloatVector.zero(SPECIES);
    FloatVector s91 = FloatVector.zero(SPECIES);
    FloatVector s100 = FloatVector.zero(SPECIES);
    FloatVector s101 = FloatVector.zero(SPECIES);
    FloatVector s110 = FloatVector.zero(SPECIES);
    FloatVector s111 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, b, bi + k * 2 * LANES);
      FloatVector w1 = FloatVector.fromArray(SPECIES, b, bi + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k));
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + LINE_BYTES));
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 2 * LINE_BYTES));
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 3 * LINE_BYTES));
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 4 * LINE_BYTES));
      s40 = x.fma(w0, s40);
      s41 = x.fma(w1, s41);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 5 * LINE_BYTES));
      s50 = x.fma(w0, s50);
      s51 = x.fma(w1, s51);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 6 * LINE_BYTES));
      s60 = x.fma(w0, s60);
      s61 = x.fma(w1, s61);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 7 * LINE_BYTES));
      s70 = x.fma(w0, s70);
      s71 = x.fma(w1, s71);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 8 * LINE_BYTES));
      s80 = x.fma(w0, s80);
      s81 = x.fma(w1, s81);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 9 * LINE_BYTES));
      s90 = x.fma(w0, s90);
      s91 = x.fma(w1, s91);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 10 * LINE_BYTES));
      s100 = x.fma(w0, s100);
      s101 = x.fma(w1, s101);
      x =
          FloatVector.broadcast(
              SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 11 * LINE_BYTES));
      s110 = x.fma(w0, s110);
      s111 = x.fma(w1, s111);
    }
    s00.add(FloatVector.fromArray(SPECIES, c, ci)).intoArray(c, ci);
    s01.add(FloatVector.fromArray(SPECIES, c, ci + LANES)).intoArray(c, ci + LANES);
    s10.add(FloatVector.fromArray(SPECIES, c, ci + 2 * LANES)).intoArray(c, ci + 2 * LANES);
    s11.add(FloatVector.fromArray(SPECIES, c, ci + 3 * LANES)).intoArray(c, ci + 3 * LANES);
    s20.add(FloatVector.fromArray(SPECIES, c, ci + 4 * LANES)).intoArray(c, ci + 4 * LANES);
    s21.add(FloatVector.fromArray(SPECIES, c, ci + 5 * LANES)).intoArray(c, ci + 5 * LANES);
    s30.add(FloatVector.fromArray(SPECIES, c, ci + 6 * LANES)).intoArray(c, ci + 6 * LANES);
    s31.add(FloatVector.fromArray(SPECIES, c, ci + 7 * LANES)).intoArray(c, ci + 7 * LANES);
    s40.add(FloatVector.fromArray(SPECIES, c, ci + 8 * LANES)).intoArray(c, ci + 8 * LANES);
    s41.add(FloatVector.fromArray(SPECIES, c, ci + 9 * LANES)).intoArray(c, ci + 9 * LANES);
    s50.add(FloatVector.fromArray(SPECIES, c, ci + 10 * LANES)).intoArray(c, ci + 10 * LANES);
    s51.add(FloatVector.fromArray(SPECIES, c, ci + 11 * LANES)).intoArray(c, ci + 11 * LANES);
    s60.add(FloatVector.fromArray(SPECIES, c, ci + 12 * LANES)).intoArray(c, ci + 12 * LANES);
    s61.add(FloatVector.fromArray(SPECIES, c, ci + 13 * LANES)).intoArray(c, ci + 13 * LANES);
    s70.add(FloatVector.fromArray(SPECIES, c, ci + 14 * LANES)).intoArray(c, ci + 14 * LANES);
    s71.add(FloatVector.fromArray(SPECIES, c, ci + 15 * LANES)).intoArray(c, ci + 15 * LANES);
    s80.add(FloatVector.fromArray(SPECIES, c, ci + 16 * LANES)).intoArray(c, ci + 16 * LANES);
    s81.add(FloatVector.fromArray(SPECIES, c, ci + 17 * LANES)).intoArray(c, ci + 17 * LANES);
    s90.add(FloatVector.fromArray(SPECIES, c, ci + 18 * LANES)).intoArray(c, ci + 18 * LANES);
    s91.add(FloatVector.fromArray(SPECIES, c, ci + 19 * LANES)).intoArray(c, ci + 19 * LANES);
    s100.add(FloatVector.fromArray(SPECIES, c, ci + 20 * LANES)).intoArray(c, ci + 20 * LANES);
    s101.add(FloatVector.fromArray(SPECIES, c, ci + 21 * LANES)).intoArray(c, ci + 21 * LANES);
    s110.add(FloatVector.fromArray(SPECIES, c, ci + 22 * LANES)).intoArray(c, ci + 22 * LANES);
    s111.add(FloatVector.fromArray(SPECIES, c, ci + 23 * LANES)).intoArray(c, ci + 23 * LANES);
  }

  private static void twelveByOne(
      byte[] a, int ai, float[] b, int bi, int depth, float[] c, int ci) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector s4 = FloatVector.zero(SPECIES);
    FloatVector s5 = FloatVector.zero(SPECIES);
    FloatVector s6 = FloatVector.zero(SPECIES);
    FloatVector s7 = FloatVector.zero(SPECIES);
    FloatVector s8 = FloatVector.zero(SPECIES);
    FloatVector s9 = FloatVector.zero(SPECIES);
    FloatVector s10 = FloatVector.zero(SPECIES);
    FloatVector s11 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector w = FloatVector.fromArray(SPECIES, b, bi + k * LANES);
      s0 = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k)).fma(w, s0);
      s1 =
          FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + LINE_BYTES))
              .fma(w, s1);
      s2 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 2 * LINE_BYTES))
              .fma(w, s2);
      s3 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 3 * LINE_BYTES))
              .fma(w, s3);
      s4 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 4 * LINE_BYTES))
              .fma(w, s4);
      s5 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 5 * LINE_BYTES))
              .fma(w, s5);
      s6 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 6 * LINE_BYTES))
              .fma(w, s6);
      s7 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 7 * LINE_BYTES))
              .fma(w, s7);
      s8 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 8 * LINE_BYTES))
              .fma(w, s8);
      s9 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 9 * LINE_BYTES))
              .fma(w, s9);
      s10 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 10 * LINE_BYTES))
              .fma(w, s10);
      s11 =
          FloatVector.broadcast(
                  SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k + 11 * LINE_BYTES))
              .fma(w, s11);
    }
    s0.add(FloatVector.fromArray(SPECIES, c, ci)).intoArray(c, ci);
    s1.add(FloatVector.fromArray(SPECIES, c, ci + LANES)).intoArray(c, ci + LANES);
    s2.add(FloatVector.fromArray(SPECIES, c, ci + 2 * LANES)).intoArray(c, ci + 2 * LANES);
    s3.add(FloatVector.fromArray(SPECIES, c, ci + 3 * LANES)).intoArray(c, ci + 3 * LANES);
    s4.add(FloatVector.fromArray(SPECIES, c, ci + 4 * LANES)).intoArray(c, ci + 4 * LANES);
    s5.add(FloatVector.fromArray(SPECIES, c, ci + 5 * LANES)).intoArray(c, ci + 5 * LANES);
    s6.add(FloatVector.fromArray(SPECIES, c, ci + 6 * LANES)).intoArray(c, ci + 6 * LANES);
    s7.add(FloatVector.fromArray(SPECIES, c, ci + 7 * LANES)).intoArray(c, ci + 7 * LANES);
    s8.add(FloatVector.fromArray(SPECIES, c, ci + 8 * LANES)).intoArray(c, ci + 8 * LANES);
    s9.add(FloatVector.fromArray(SPECIES, c, ci + 9 * LANES)).intoArray(c, ci + 9 * LANES);
    s10.add(FloatVector.fromArray(SPECIES, c, ci + 10 * LANES)).intoArray(c, ci + 10 * LANES);
    s11.add(FloatVector.fromArray(SPECIES, c, ci + 11 * LANES)).intoArray(c, ci + 11 * LANES);
  }

  @Override
  public void dot(
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
    for (int lane = 0; lane < HeadLayout.DOT_LANES; lane += DOT.length()) {
      int from = at + lane * Float.BYTES;
      int weights = rowsAt + lane * Float.BYTES;
      int to = partialsAt + lane;
      if (pixels < DOT_PIXELS) {
        for (int p = 0; p < pixels; p++) {
          for (int o = 0; o < outs; o++) {
            int sum = to + p * stride + o * HeadLayout.DOT_LANES;
            dotOne(x, from + p * step, rows, weights + o * rowStep, depth, partials, sum);
          }
        }
        continue;
      }
      int o = 0;
      for (; o + 3 < outs && MANY_REGISTERS; o += 4) {
        int sum = to + o * HeadLayout.DOT_LANES;
        dotFourByFour(
            x, from, step, rows, weights + o * rowStep, rowStep, depth, partials, sum, stride);
      }
      for (; o + 1 < outs; o += 2) {
        int sum = to + o * HeadLayout.DOT_LANES;
        dotFourByTwo(
            x, from, step, rows, weights + o * rowStep, rowStep, depth, partials, sum, stride);
      }
      if (o < outs) {
        int sum = to + o * HeadLayout.DOT_LANES;
        dotFour(x, from, step, rows, weights + o * rowStep, depth, partials, sum, stride);
      }
    }
  }

  /** Eight accumulators hide the latency of the multiply-add; pixels are read once for both. */
  private static void dotFourByFour(
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
    FloatVector s01 = FloatVector.fromArray(DOT, sums, at + HeadLayout.DOT_LANES);
    FloatVector s02 = FloatVector.fromArray(DOT, sums, at + 2 * HeadLayout.DOT_LANES);
    FloatVector s03 = FloatVector.fromArray(DOT, sums, at + 3 * HeadLayout.DOT_LANES);
    FloatVector s10 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s11 = FloatVector.fromArray(DOT, sums, at + stride + HeadLayout.DOT_LANES);
    FloatVector s12 = FloatVector.fromArray(DOT, sums, at + stride + 2 * HeadLayout.DOT_LANES);
    FloatVector s13 = FloatVector.fromArray(DOT, sums, at + stride + 3 * HeadLayout.DOT_LANES);
    FloatVector s20 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s21 = FloatVector.fromArray(DOT, sums, at + 2 * stride + HeadLayout.DOT_LANES);
    FloatVector s22 = FloatVector.fromArray(DOT, sums, at + 2 * stride + 2 * HeadLayout.DOT_LANES);
    FloatVector s23 = FloatVector.fromArray(DOT, sums, at + 2 * stride + 3 * HeadLayout.DOT_LANES);
    FloatVector s30 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    FloatVector s31 = FloatVector.fromArray(DOT, sums, at + 3 * stride + HeadLayout.DOT_LANES);
    FloatVector s32 = FloatVector.fromArray(DOT, sums, at + 3 * stride + 2 * HeadLayout.DOT_LANES);
    FloatVector s33 = FloatVector.fromArray(DOT, sums, at + 3 * stride + 3 * HeadLayout.DOT_LANES);
    for (int k = 0; k < depth * Float.BYTES; k += HeadLayout.DOT_LANES * Float.BYTES) {
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
    s01.intoArray(sums, at + HeadLayout.DOT_LANES);
    s02.intoArray(sums, at + 2 * HeadLayout.DOT_LANES);
    s03.intoArray(sums, at + 3 * HeadLayout.DOT_LANES);
    s10.intoArray(sums, at + stride);
    s11.intoArray(sums, at + stride + HeadLayout.DOT_LANES);
    s12.intoArray(sums, at + stride + 2 * HeadLayout.DOT_LANES);
    s13.intoArray(sums, at + stride + 3 * HeadLayout.DOT_LANES);
    s20.intoArray(sums, at + 2 * stride);
    s21.intoArray(sums, at + 2 * stride + HeadLayout.DOT_LANES);
    s22.intoArray(sums, at + 2 * stride + 2 * HeadLayout.DOT_LANES);
    s23.intoArray(sums, at + 2 * stride + 3 * HeadLayout.DOT_LANES);
    s30.intoArray(sums, at + 3 * stride);
    s31.intoArray(sums, at + 3 * stride + HeadLayout.DOT_LANES);
    s32.intoArray(sums, at + 3 * stride + 2 * HeadLayout.DOT_LANES);
    s33.intoArray(sums, at + 3 * stride + 3 * HeadLayout.DOT_LANES);
  }

  private static void dotFourByTwo(
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
    FloatVector s01 = FloatVector.fromArray(DOT, sums, at + HeadLayout.DOT_LANES);
    FloatVector s10 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s11 = FloatVector.fromArray(DOT, sums, at + stride + HeadLayout.DOT_LANES);
    FloatVector s20 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s21 = FloatVector.fromArray(DOT, sums, at + 2 * stride + HeadLayout.DOT_LANES);
    FloatVector s30 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    FloatVector s31 = FloatVector.fromArray(DOT, sums, at + 3 * stride + HeadLayout.DOT_LANES);
    for (int k = 0; k < depth * Float.BYTES; k += HeadLayout.DOT_LANES * Float.BYTES) {
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
    s01.intoArray(sums, at + HeadLayout.DOT_LANES);
    s10.intoArray(sums, at + stride);
    s11.intoArray(sums, at + stride + HeadLayout.DOT_LANES);
    s20.intoArray(sums, at + 2 * stride);
    s21.intoArray(sums, at + 2 * stride + HeadLayout.DOT_LANES);
    s30.intoArray(sums, at + 3 * stride);
    s31.intoArray(sums, at + 3 * stride + HeadLayout.DOT_LANES);
  }

  private static void dotFour(
      byte[] x, int x0, int step, byte[] w, int w0, int depth, float[] sums, int at, int stride) {
    int x1 = x0 + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    FloatVector s0 = FloatVector.fromArray(DOT, sums, at);
    FloatVector s1 = FloatVector.fromArray(DOT, sums, at + stride);
    FloatVector s2 = FloatVector.fromArray(DOT, sums, at + 2 * stride);
    FloatVector s3 = FloatVector.fromArray(DOT, sums, at + 3 * stride);
    for (int k = 0; k < depth * Float.BYTES; k += HeadLayout.DOT_LANES * Float.BYTES) {
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

  private static void dotOne(byte[] x, int x0, byte[] w, int w0, int depth, float[] sums, int at) {
    FloatVector s = FloatVector.fromArray(DOT, sums, at);
    for (int k = 0; k < depth * Float.BYTES; k += HeadLayout.DOT_LANES * Float.BYTES) {
      s =
          ByteVector.fromArray(DOT_BYTES, x, x0 + k)
              .reinterpretAsFloats()
              .fma(ByteVector.fromArray(DOT_BYTES, w, w0 + k).reinterpretAsFloats(), s);
    }
    s.intoArray(sums, at);
  }

  @Override
  public void dotPlanes(
      byte[] x,
      int at,
      int step,
      int planes,
      int pixels,
      byte[] weights,
      int weightsAt,
      int weightsStep,
      float[] partials,
      int partialsAt) {
    if (planes == DOT_PLANES) {
      float w0 = (float) FLOATS.get(weights, weightsAt);
      float w1 = (float) FLOATS.get(weights, weightsAt + weightsStep);
      float w2 = (float) FLOATS.get(weights, weightsAt + 2 * weightsStep);
      float w3 = (float) FLOATS.get(weights, weightsAt + 3 * weightsStep);
      fourPlanes(x, at, step, pixels, w0, w1, w2, w3, partials, partialsAt);
      return;
    }
    for (int j = 0; j < planes; j++) {
      float weight = (float) FLOATS.get(weights, weightsAt + j * weightsStep);
      FloatVector w = FloatVector.broadcast(SPECIES, weight);
      for (int p = 0; p < pixels; p += LANES) {
        load(x, at + j * step + Float.BYTES * p)
            .fma(w, FloatVector.fromArray(SPECIES, partials, partialsAt + p))
            .intoArray(partials, partialsAt + p);
      }
    }
  }

  /** A partial sum is read and written once for four planes. */
  private static void fourPlanes(
      byte[] x,
      int x0,
      int step,
      int pixels,
      float w0,
      float w1,
      float w2,
      float w3,
      float[] c,
      int ci) {
    int x1 = x0 + step;
    int x2 = x1 + step;
    int x3 = x2 + step;
    FloatVector v0 = FloatVector.broadcast(SPECIES, w0);
    FloatVector v1 = FloatVector.broadcast(SPECIES, w1);
    FloatVector v2 = FloatVector.broadcast(SPECIES, w2);
    FloatVector v3 = FloatVector.broadcast(SPECIES, w3);
    for (int p = 0; p < pixels; p += LANES) {
      FloatVector s = FloatVector.fromArray(SPECIES, c, ci + p);
      s = load(x, x0 + Float.BYTES * p).fma(v0, s);
      s = load(x, x1 + Float.BYTES * p).fma(v1, s);
      s = load(x, x2 + Float.BYTES * p).fma(v2, s);
      s = load(x, x3 + Float.BYTES * p).fma(v3, s);
      s.intoArray(c, ci + p);
    }
  }

  @Override
  public void addPartials(float[] partials, int groups, float[] sums, int sumsAt) {
    for (int g = 0; g < groups; g += GATHERED) {
      int at = g * HeadLayout.DOT_LANES;
      for (int i = at; i < at + GATHERED * HeadLayout.DOT_LANES; i += HeadLayout.DOT_LANES) {
        addWhole(partials, i);
      }
      gather(partials, at, sums, sumsAt + g);
    }
  }

  /** Adds the 16 partial sums at {@code at} down to one vector, where that is shorter. */
  private static void addWhole(float[] partials, int at) {
    for (int half = HeadLayout.DOT_LANES / 2; half >= GATHERED; half /= 2) {
      for (int i = at; i < at + half; i += GATHERED) {
        FloatVector.fromArray(DOT, partials, i)
            .add(FloatVector.fromArray(DOT, partials, i + half))
            .intoArray(partials, i);
      }
    }
  }

  /**
   * Sums the lanes of as many groups as there are lanes, pairwise: two groups become one vector
   * whose lower part is of the first and whose upper part is of the second, and so on, so that
   * group g ends in lane g.
   */
  private static void gather(float[] partials, int at, float[] sums, int sumsAt) {
    if (GATHERED > 8) {
      for (int i = at; i < at + 8 * HeadLayout.DOT_LANES; i += HeadLayout.DOT_LANES) {
        merge(partials, i, 8, UPPER_8, SWAP_8);
      }
    }
    if (GATHERED > 4) {
      for (int i = at; i < at + 4 * HeadLayout.DOT_LANES; i += HeadLayout.DOT_LANES) {
        merge(partials, i, 4, UPPER_4, SWAP_4);
      }
    }
    merge(partials, at, 2, UPPER_2, SWAP_2);
    merge(partials, at + HeadLayout.DOT_LANES, 2, UPPER_2, SWAP_2);
    merge(partials, at, 1, UPPER_1, SWAP_1);
    FloatVector.fromArray(DOT, partials, at).intoArray(sums, sumsAt);
  }

  private static void merge(
      float[] partials, int at, int distance, VectorMask<Float> upper, VectorShuffle<Float> swap) {
    FloatVector a = FloatVector.fromArray(DOT, partials, at);
    FloatVector b = FloatVector.fromArray(DOT, partials, at + distance * HeadLayout.DOT_LANES);
    a.blend(b, upper).add(b.blend(a, upper).rearrange(swap)).intoArray(partials, at);
  }

  @Override
  public void addPartialPlanes(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt) {
    for (int p = 0; p < pixels; p += LANES) {
      for (int half = HeadLayout.DOT_LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          int at = partialsAt + i * stride + p;
          FloatVector.fromArray(SPECIES, partials, at)
              .add(FloatVector.fromArray(SPECIES, partials, at + half * stride))
              .intoArray(partials, at);
        }
      }
      FloatVector.fromArray(SPECIES, partials, partialsAt + p).intoArray(sums, sumsAt + p);
    }
  }

  @Override
  public void addWidened(float[] values, int at, int count, double[] sums, int sumsAt) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, values, at + i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      int to = sumsAt + i;
      low.add(DoubleVector.fromArray(DOUBLES, sums, to)).intoArray(sums, to);
      to += LANES / 2;
      high.add(DoubleVector.fromArray(DOUBLES, sums, to)).intoArray(sums, to);
    }
  }

  @Override
  public boolean anySuspect(float[] values, int at, int count, float limit) {
    IntVector most = IntVector.zero(INTS);
    for (int i = at; i < at + count; i += LANES) {
      most =
          FloatVector.fromArray(SPECIES, values, i)
              .reinterpretAsInts()
              .and(Integer.MAX_VALUE)
              .max(most);
    }
    return most.reduceLanes(VectorOperators.MAX) >= Float.floatToRawIntBits(limit);
  }

  @Override
  public void activate(float[] values, int at, int count, Activation activation) {
    int whole = SPECIES.loopBound(count);
    for (int i = at; i < at + whole; i += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, values, i);
      VectorActivations.apply(y, activation)
          .blend(Float.NaN, y.compare(VectorOperators.NE, y))
          .intoArray(values, i);
    }
    for (int i = at + whole; i < at + count; i++) {
      values[i] = PlainActivations.apply(values[i], activation);
    }
  }

  @Override
  public void finish(
      float[] values,
      int at,
      int lineStep,
      int lines,
      int count,
      float[] bias,
      int biasAt,
      Activation activation) {
    int whole = SPECIES.loopBound(count);
    for (int line = at; line < at + lines * lineStep; line += lineStep) {
      for (int i = 0; i < whole; i += LANES) {
        FloatVector y =
            FloatVector.fromArray(SPECIES, values, line + i)
                .add(FloatVector.fromArray(SPECIES, bias, biasAt + i));
        clip(y, activation).intoArray(values, line + i);
      }
      for (int i = whole; i < count; i++) {
        values[line + i] = PlainActivations.apply(values[line + i] + bias[biasAt + i], activation);
      }
    }
  }

  @Override
  public void finish(float[] values, int at, int count, float bias, Activation activation) {
    int whole = SPECIES.loopBound(count);
    for (int i = at; i < at + whole; i += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, values, i).add(bias);
      clip(y, activation).intoArray(values, i);
    }
    for (int i = at + whole; i < at + count; i++) {
      values[i] = PlainActivations.apply(values[i] + bias, activation);
    }
  }

  @Override
  public void finishTo(
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
      int outLineStep) {
    int whole = SPECIES.loopBound(count);
    for (int line = 0; line < lines; line++) {
      int from = at + line * lineStep;
      int to = outAt + line * outLineStep;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector y =
            FloatVector.fromArray(SPECIES, values, from + i)
                .add(FloatVector.fromArray(SPECIES, bias, biasAt + i));
        clip(y, activation).reinterpretAsBytes().intoArray(out, to + i * Float.BYTES);
      }
      for (int i = whole; i < count; i++) {
        float y = PlainActivations.apply(values[from + i] + bias[biasAt + i], activation);
        FLOATS.set(out, to + i * Float.BYTES, y);
      }
    }
  }

  private static FloatVector clip(FloatVector y, Activation activation) {
    FloatVector z = y.blend(Float.NaN, y.compare(VectorOperators.NE, y));
    return activation == Activation.NONE
        ? z
        : VectorActivations.clip(z, activation.a(), activation.b());
  }
}
