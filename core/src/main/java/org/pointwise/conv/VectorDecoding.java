package org.pointwise.conv;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.pointwise.tensor.ElementType;

/**
 * Converts adjacent stored numbers to float32, whole vectors at a time.
 *
 * <p>binary16 is converted by integer operations, because JDK 17 has no such conversion (see {@link
 * org.pointwise.tensor.Half} for the cases).
 */
final class VectorDecoding {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int LANES = INTS.length();

  /** As many shorts as there are lanes. */
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(INTS.vectorBitSize() / 2));

  private static final VectorSpecies<Byte> SHORT_BYTES = SHORTS.withLanes(byte.class);

  /** As many bytes as there are lanes, if a vector of this length exists. */
  private static final VectorSpecies<Byte> SINGLE_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, INTS.vectorBitSize() / 4)));

  /** The longest vector whose bytes every machine reorders with one instruction. */
  private static final VectorSpecies<Byte> FOUR_FLOATS = ByteVector.SPECIES_128;

  /** Reverses the bytes of each float. */
  private static final VectorShuffle<Byte> REVERSED =
      VectorShuffle.fromOp(FOUR_FLOATS, i -> i ^ (Float.BYTES - 1));

  static final int SIGN_16 = 0x8000;
  static final int EXPONENT_BIAS_DIFFERENCE = (127 - 15) << 23;

  private VectorDecoding() {}

  /** Returns whether adjacent numbers of this type can be decoded with vectors. */
  static boolean possible(ElementType type, ByteOrder order) {
    boolean littleEndian = order == ByteOrder.LITTLE_ENDIAN;
    return switch (type) {
      case FLOAT32 -> !littleEndian;
      case FLOAT16, BFLOAT16, INT16, UINT16 -> littleEndian;
      case INT8, UINT8 -> SINGLE_BYTES.length() == LANES;
      default -> false;
    };
  }

  /**
   * Decodes {@code count} numbers of a type for which {@link #possible} returns true.
   *
   * @param count a whole number of vectors
   */
  static void decode(
      ElementType type, byte[] stored, int at, int count, byte[] packed, int packedAt) {
    switch (type) {
      case FLOAT32 -> reverse(stored, at, count, packed, packedAt);
      case FLOAT16 -> float16(stored, at, count, packed, packedAt);
      case BFLOAT16 -> bfloat16(stored, at, count, packed, packedAt);
      case UINT16 -> shorts(stored, at, count, 0xffff, packed, packedAt);
      case INT16 -> shorts(stored, at, count, -1, packed, packedAt);
      case UINT8 -> bytes(stored, at, count, 0xff, packed, packedAt);
      default -> bytes(stored, at, count, -1, packed, packedAt);
    }
  }

  private static void reverse(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count * Float.BYTES; i += FOUR_FLOATS.length()) {
      ByteVector.fromArray(FOUR_FLOATS, in, at + i).rearrange(REVERSED).intoArray(out, to + i);
    }
  }

  private static IntVector widened(byte[] in, int at) {
    ShortVector narrow = ByteVector.fromArray(SHORT_BYTES, in, at).reinterpretAsShorts();
    return (IntVector) narrow.convertShape(VectorOperators.S2I, INTS, 0);
  }

  private static void float16(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      IntVector half = widened(in, at + Short.BYTES * i);
      IntVector sign = half.and(SIGN_16).lanewise(VectorOperators.LSHL, 16);
      IntVector magnitude = half.and(0x7fff);
      IntVector normal = magnitude.lanewise(VectorOperators.LSHL, 13).add(EXPONENT_BIAS_DIFFERENCE);
      normal =
          normal.blend(
              normal.add(EXPONENT_BIAS_DIFFERENCE),
              magnitude.compare(VectorOperators.GT, 0x7bff)); // infinite or NaN
      FloatVector subnormal =
          ((FloatVector) magnitude.convert(VectorOperators.I2F, 0)).mul(0x1p-24f);
      normal
          .blend(subnormal.reinterpretAsInts(), magnitude.compare(VectorOperators.LT, 0x400))
          .or(sign)
          .reinterpretAsBytes()
          .intoArray(out, to + Float.BYTES * i);
    }
  }

  private static void bfloat16(byte[] in, int at, int count, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      widened(in, at + Short.BYTES * i)
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsBytes()
          .intoArray(out, to + Float.BYTES * i);
    }
  }

  private static void shorts(byte[] in, int at, int count, int bits, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      floats(widened(in, at + Short.BYTES * i).and(bits), out, to + Float.BYTES * i);
    }
  }

  private static void bytes(byte[] in, int at, int count, int bits, byte[] out, int to) {
    for (int i = 0; i < count; i += LANES) {
      ByteVector narrow = ByteVector.fromArray(SINGLE_BYTES, in, at + i);
      IntVector wide = (IntVector) narrow.convertShape(VectorOperators.B2I, INTS, 0);
      floats(wide.and(bits), out, to + Float.BYTES * i);
    }
  }

  private static void floats(IntVector v, byte[] out, int at) {
    ((FloatVector) v.convert(VectorOperators.I2F, 0)).reinterpretAsBytes().intoArray(out, at);
  }
}
