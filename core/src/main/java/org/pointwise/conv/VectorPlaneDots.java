package org.pointwise.conv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Computes dot products of pixels that are adjacent within a channel. Lanes run along pixels. */
final class VectorPlaneDots {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LANES = SPECIES.length();

  private VectorPlaneDots() {}

  private static FloatVector load(byte[] bytes, int at) {
    return ByteVector.fromArray(BYTES, bytes, at).reinterpretAsFloats();
  }

  /** Implements {@link Microkernel#dotPlanes}. */
  static void dot(
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
    if (planes == Microkernel.DOT_PLANES) {
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

  /** Reads and writes each partial sum once for four planes. */
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

  /** Implements {@link Microkernel#addPartialPlanes}. */
  static void addPartials(
      float[] partials, int partialsAt, int stride, int pixels, float[] sums, int sumsAt) {
    for (int p = 0; p < pixels; p += LANES) {
      for (int half = PackedWeights.DOT_LANES / 2; half > 0; half /= 2) {
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
}
