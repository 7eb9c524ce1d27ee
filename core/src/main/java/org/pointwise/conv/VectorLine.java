package org.pointwise.conv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of {@link Microkernel#multiplyLine}. Lanes run along the columns of a panel.
 * Eight vectors side by side hide the latency of the multiply-add. Accumulators are local
 * variables, as in {@link VectorTiles}.
 */
final class VectorLine {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LANES = SPECIES.length();

  private VectorLine() {}

  /** Implements {@link Microkernel#multiplyLine}. */
  static void multiply(
      byte[] line,
      int lineAt,
      float[] panel,
      int panelAt,
      int width,
      int depth,
      float[] sums,
      int sumsAt) {
    for (int k = 0; k < depth; k += Microkernel.CHAIN) {
      int channels = Math.min(Microkernel.CHAIN, depth - k);
      int from = lineAt + k * Float.BYTES;
      if (width == Microkernel.LINE_VECTORS * LANES) {
        oneByEight(line, from, panel, panelAt + k * width, channels, sums, sumsAt);
      } else {
        oneByFour(line, from, panel, panelAt + k * width, channels, sums, sumsAt);
      }
    }
  }

  private static void oneByEight(
      byte[] a, int ai, float[] b, int bi, int depth, float[] c, int ci) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    FloatVector s4 = FloatVector.zero(SPECIES);
    FloatVector s5 = FloatVector.zero(SPECIES);
    FloatVector s6 = FloatVector.zero(SPECIES);
    FloatVector s7 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k));
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + LANES), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 2 * LANES), s2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 3 * LANES), s3);
      s4 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 4 * LANES), s4);
      s5 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 5 * LANES), s5);
      s6 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 6 * LANES), s6);
      s7 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 8 * LANES + 7 * LANES), s7);
    }
    s0.add(FloatVector.fromArray(SPECIES, c, ci)).intoArray(c, ci);
    s1.add(FloatVector.fromArray(SPECIES, c, ci + LANES)).intoArray(c, ci + LANES);
    s2.add(FloatVector.fromArray(SPECIES, c, ci + 2 * LANES)).intoArray(c, ci + 2 * LANES);
    s3.add(FloatVector.fromArray(SPECIES, c, ci + 3 * LANES)).intoArray(c, ci + 3 * LANES);
    s4.add(FloatVector.fromArray(SPECIES, c, ci + 4 * LANES)).intoArray(c, ci + 4 * LANES);
    s5.add(FloatVector.fromArray(SPECIES, c, ci + 5 * LANES)).intoArray(c, ci + 5 * LANES);
    s6.add(FloatVector.fromArray(SPECIES, c, ci + 6 * LANES)).intoArray(c, ci + 6 * LANES);
    s7.add(FloatVector.fromArray(SPECIES, c, ci + 7 * LANES)).intoArray(c, ci + 7 * LANES);
  }

  private static void oneByFour(byte[] a, int ai, float[] b, int bi, int depth, float[] c, int ci) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, (float) FLOATS.get(a, ai + Float.BYTES * k));
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 4 * LANES), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 4 * LANES + LANES), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 4 * LANES + 2 * LANES), s2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, bi + k * 4 * LANES + 3 * LANES), s3);
    }
    s0.add(FloatVector.fromArray(SPECIES, c, ci)).intoArray(c, ci);
    s1.add(FloatVector.fromArray(SPECIES, c, ci + LANES)).intoArray(c, ci + LANES);
    s2.add(FloatVector.fromArray(SPECIES, c, ci + 2 * LANES)).intoArray(c, ci + 2 * LANES);
    s3.add(FloatVector.fromArray(SPECIES, c, ci + 3 * LANES)).intoArray(c, ci + 3 * LANES);
  }
}
