package org.pointwise.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementType;

/**
 * Converts values to adjacent stored numbers, little-endian, whole vectors at a time: the inverse
 * of {@link VectorDecoding}.
 */
final class VectorEncoding {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  private VectorEncoding() {}

  /** Returns whether adjacent numbers of this type can be encoded with vectors. */
  static boolean possible(ElementType type) {
    return type == ElementType.FLOAT32
        || type == ElementType.FLOAT16
        || type == ElementType.BFLOAT16;
  }

  /**
   * Encodes {@code count} values to a type for which {@link #possible} returns true.
   *
   * @param count a whole number of vectors
   * @return the number of finite values that are too large for the type
   */
  static int encode(
      float[] values,
      int from,
      int count,
      Overflow overflow,
      ElementType type,
      byte[] stored,
      int at) {
    switch (type) {
      case FLOAT32 -> {
        copy(values, from, count, stored, at);
        return 0;
      }
      case FLOAT16 -> {
        return toFloat16(values, from, count, overflow, stored, at);
      }
      default -> {
        return toBfloat16(values, from, count, overflow, stored, at);
      }
    }
  }

  private static void copy(float[] values, int from, int count, byte[] out, int at) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromArray(FLOATS, values, from + i)
          .reinterpretAsBytes()
          .intoArray(out, at + Float.BYTES * i);
    }
  }

  private static int toFloat16(
      float[] values, int from, int count, Overflow overflow, byte[] out, int at) {
    int overflowed = 0;
    for (int i = 0; i < count; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, from + i).reinterpretAsInts();
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(VectorDecoding.SIGN_16);
      IntVector magnitude = bits.and(0x7fffffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 13).and(1);
      IntVector half =
          magnitude
              .add(odd)
              .add(0xfff - VectorDecoding.EXPONENT_BIAS_DIFFERENCE)
              .lanewise(VectorOperators.LSHR, 13);
      VectorMask<Integer> small = magnitude.compare(VectorOperators.LT, 0x38800000);
      if (small.anyTrue()) { // below 2^-14: adding 0.5 lets the FPU round to 2^-24
        IntVector rounded = magnitude.reinterpretAsFloats().add(0.5f).reinterpretAsInts();
        half = half.blend(rounded.sub(0x3f000000), small);
      }
      VectorMask<Integer> large = magnitude.compare(VectorOperators.GE, 0x477ff000);
      if (large.anyTrue()) { // 65520 and above
        VectorMask<Integer> finite = large.and(magnitude.compare(VectorOperators.LT, 0x7f800000));
        overflowed += finite.trueCount();
        half = half.blend(0x7c00, large);
        half = half.blend(0x7e00, magnitude.compare(VectorOperators.GT, 0x7f800000));
        half = overflow == Overflow.SATURATE ? half.blend(0x7bff, finite) : half;
      }
      store(half.or(sign), out, at + Short.BYTES * i);
    }
    return overflowed;
  }

  private static int toBfloat16(
      float[] values, int from, int count, Overflow overflow, byte[] out, int at) {
    int overflowed = 0;
    for (int i = 0; i < count; i += LANES) {
      IntVector bits = FloatVector.fromArray(FLOATS, values, from + i).reinterpretAsInts();
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(VectorDecoding.SIGN_16);
      IntVector magnitude = bits.and(0x7fffffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector half = magnitude.add(odd).add(0x7fff).lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> large = magnitude.compare(VectorOperators.GE, 0x7f7f8000);
      if (large.anyTrue()) { // rounds to infinity, or NaN
        VectorMask<Integer> finite = large.and(magnitude.compare(VectorOperators.LT, 0x7f800000));
        overflowed += finite.trueCount();
        half = half.blend(0x7fc0, magnitude.compare(VectorOperators.GT, 0x7f800000));
        half = overflow == Overflow.SATURATE ? half.blend(0x7f7f, finite) : half;
      }
      store(half.or(sign), out, at + Short.BYTES * i);
    }
    return overflowed;
  }

  private static void store(IntVector halves, byte[] out, int at) {
    ((ShortVector) halves.convertShape(VectorOperators.I2S, VectorDecoding.SHORTS, 0))
        .reinterpretAsBytes()
        .intoArray(out, at);
  }
}
