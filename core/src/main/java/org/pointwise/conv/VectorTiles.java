package org.pointwise.conv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of {@link Microkernel#multiply}. Lanes run along the columns of a panel.
 *
 * <p>Accumulators are local variables, one per register, because arrays of vectors would be boxed.
 * The tiles call no helper methods and index panels by {@code k * 2 * LANES}, because C2 compiles
 * the alternatives to slower code (see the package description).
 */
final class VectorTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LANES = SPECIES.length();
  private static final int LINE_BYTES = Microkernel.LINE_BYTES;

  /** AVX-512 has 32 registers, enough for 24 accumulators. */
  private static final boolean MANY_REGISTERS = SPECIES.vectorBitSize() == 512;

  private VectorTiles() {}

  /** Implements {@link Microkernel#multiply}. */
  static void multiply(
      byte[] lines,
      int linesAt,
      int count,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    for (int k = 0; k < depth; k += Microkernel.CHAIN) {
      int channels = Math.min(Microkernel.CHAIN, depth - k);
      int from = linesAt + k * Float.BYTES;
      int to = panelAt + k * width;
      if (width == LANES) {
        twelveByOne(lines, from, panel, to, channels, sums, sumsAt);
      } else if (count == Microkernel.LINES && MANY_REGISTERS) {
        twelveByTwo(lines, from, panel, to, channels, sums, sumsAt);
      } else {
        sixByTwo(lines, from, panel, to, channels, sums, sumsAt);
        if (count == Microkernel.LINES) {
          int half = from + Microkernel.HALF_LINES * LINE_BYTES;
          sixByTwo(lines, half, panel, to, channels, sums, sumsAt + Microkernel.HALF_LINES * width);
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
}
