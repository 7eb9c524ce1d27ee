package org.pointwise.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads and writes single numbers of any element type in a byte array. */
public final class ElementAccess {
  private static final VarHandle SHORT_LE = view(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT_BE = view(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT_LE = view(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT_BE = view(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG_LE = view(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BE = view(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle FLOAT_LE = view(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE_LE = view(double[].class, ByteOrder.LITTLE_ENDIAN);

  private ElementAccess() {}

  private static VarHandle view(Class<?> type, ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(type, order);
  }

  /**
   * Returns the number at byte {@code offset}, rounded to the nearest float32. Exact for float32,
   * float16, bfloat16 and integers below 2²⁴.
   */
  public static float floatAt(byte[] bytes, int offset, ElementType type, ByteOrder order) {
    return switch (type) {
      case FLOAT32 -> Float.intBitsToFloat(intAt(bytes, offset, order));
      case FLOAT16 -> Half.toFloat(shortAt(bytes, offset, order) & 0xffff);
      case BFLOAT16 -> Half.bfloatToFloat(shortAt(bytes, offset, order) & 0xffff);
      case FLOAT64 -> (float) Double.longBitsToDouble(longAt(bytes, offset, order));
      case INT8 -> bytes[offset];
      case UINT8 -> bytes[offset] & 0xff;
      case INT16 -> shortAt(bytes, offset, order);
      case UINT16 -> shortAt(bytes, offset, order) & 0xffff;
      case INT32 -> intAt(bytes, offset, order);
      case UINT32 -> intAt(bytes, offset, order) & 0xffffffffL;
      case INT64 -> longAt(bytes, offset, order);
      case UINT64 -> (float) unsigned(longAt(bytes, offset, order));
    };
  }

  /** Returns the number at byte {@code offset}. Exact except for 64-bit integers beyond 2⁵³. */
  public static double doubleAt(byte[] bytes, int offset, ElementType type, ByteOrder order) {
    return switch (type) {
      case FLOAT64 -> Double.longBitsToDouble(longAt(bytes, offset, order));
      case INT32 -> intAt(bytes, offset, order);
      case UINT32 -> intAt(bytes, offset, order) & 0xffffffffL;
      case INT64 -> longAt(bytes, offset, order);
      case UINT64 -> unsigned(longAt(bytes, offset, order));
      default -> floatAt(bytes, offset, type, order);
    };
  }

  /**
   * Writes {@code value} as a floating type, little-endian, rounded to nearest.
   *
   * @throws IllegalArgumentException for an integer type
   */
  public static void putFloat(byte[] bytes, int offset, ElementType type, float value) {
    switch (type) {
      case FLOAT32 -> INT_LE.set(bytes, offset, Float.floatToRawIntBits(value));
      case FLOAT16 -> SHORT_LE.set(bytes, offset, Half.fromFloat(value));
      case BFLOAT16 -> SHORT_LE.set(bytes, offset, Half.bfloatFromFloat(value));
      case FLOAT64 -> LONG_LE.set(bytes, offset, Double.doubleToRawLongBits(value));
      default -> throw new IllegalArgumentException("Cannot write a float as " + type);
    }
  }

  /**
   * Returns the bits of the element at byte {@code offset}. Integers are sign-extended or
   * zero-extended according to their type; floating numbers are in the low bytes.
   */
  public static long bitsAt(byte[] bytes, int offset, ElementType type, ByteOrder order) {
    return switch (type) {
      case INT8 -> bytes[offset];
      case UINT8 -> bytes[offset] & 0xff;
      case INT16 -> shortAt(bytes, offset, order);
      case UINT16, FLOAT16, BFLOAT16 -> shortAt(bytes, offset, order) & 0xffff;
      case INT32 -> intAt(bytes, offset, order);
      case UINT32, FLOAT32 -> intAt(bytes, offset, order) & 0xffffffffL;
      case INT64, UINT64, FLOAT64 -> longAt(bytes, offset, order);
    };
  }

  /**
   * Returns the number whose bits {@link #bitsAt} returned. Exact except for 64-bit integers beyond
   * 2⁵³.
   */
  public static double doubleOfBits(long bits, ElementType type) {
    return switch (type) {
      case FLOAT64 -> Double.longBitsToDouble(bits);
      case FLOAT32 -> Float.intBitsToFloat((int) bits);
      case FLOAT16 -> Half.toFloat((int) bits);
      case BFLOAT16 -> Half.bfloatToFloat((int) bits);
      case UINT64 -> unsigned(bits);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> bits;
    };
  }

  /**
   * Writes {@code value} as a floating type, little-endian, rounded to nearest. For float16 and
   * bfloat16 it is first rounded to float32.
   *
   * @throws IllegalArgumentException for an integer type
   */
  public static void putDouble(byte[] bytes, int offset, ElementType type, double value) {
    if (type == ElementType.FLOAT64) {
      LONG_LE.set(bytes, offset, Double.doubleToRawLongBits(value));
    } else {
      putFloat(bytes, offset, type, (float) value);
    }
  }

  /** Returns the little-endian float32 at byte {@code offset}. */
  public static float float32At(byte[] bytes, int offset) {
    return (float) FLOAT_LE.get(bytes, offset);
  }

  /** Writes a float32, little-endian. */
  public static void putFloat32(byte[] bytes, int offset, float value) {
    FLOAT_LE.set(bytes, offset, value);
  }

  /** Returns the little-endian float64 at byte {@code offset}. */
  public static double float64At(byte[] bytes, int offset) {
    return (double) DOUBLE_LE.get(bytes, offset);
  }

  /** Writes a float64, little-endian. */
  public static void putFloat64(byte[] bytes, int offset, double value) {
    DOUBLE_LE.set(bytes, offset, value);
  }

  public static void putInt(byte[] bytes, int offset, int value) {
    INT_LE.set(bytes, offset, value);
  }

  public static void putLong(byte[] bytes, int offset, long value) {
    LONG_LE.set(bytes, offset, value);
  }

  public static int intAt(byte[] bytes, int offset, ByteOrder order) {
    return (int) (order == ByteOrder.LITTLE_ENDIAN ? INT_LE : INT_BE).get(bytes, offset);
  }

  public static long longAt(byte[] bytes, int offset, ByteOrder order) {
    return (long) (order == ByteOrder.LITTLE_ENDIAN ? LONG_LE : LONG_BE).get(bytes, offset);
  }

  private static short shortAt(byte[] bytes, int offset, ByteOrder order) {
    return (short) (order == ByteOrder.LITTLE_ENDIAN ? SHORT_LE : SHORT_BE).get(bytes, offset);
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2.0;
  }
}
