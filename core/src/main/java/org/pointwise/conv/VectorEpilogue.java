package org.pointwise.conv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Adds the bias to sums, applies the activation, and stores float32. */
final class VectorEpilogue {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VarHandle FLOATS =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LANES = SPECIES.length();

  private VectorEpilogue() {}

  /** Implements {@link Microkernel#activate}. */
  static void activate(float[] values, int at, int count, Activation activation) {
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

  /**
   * Implements {@link Microkernel#epilogue(float[], int, int, int, int, float[], int, Activation)}.
   */
  static void epilogue(
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

  /** Implements {@link Microkernel#epilogue(float[], int, int, float, Activation)}. */
  static void epilogue(float[] values, int at, int count, float bias, Activation activation) {
    int whole = SPECIES.loopBound(count);
    for (int i = at; i < at + whole; i += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, values, i).add(bias);
      clip(y, activation).intoArray(values, i);
    }
    for (int i = at + whole; i < at + count; i++) {
      values[i] = PlainActivations.apply(values[i] + bias, activation);
    }
  }

  /** Implements {@link Microkernel#epilogueTo}. */
  static void epilogueTo(
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
