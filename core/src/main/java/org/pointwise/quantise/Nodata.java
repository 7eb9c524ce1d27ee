package org.pointwise.quantise;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.NumberText;

/**
 * The stored number that means "no data", exactly as its element type holds it: two neighbouring
 * int64 or float64 numbers that one float32 stands for are told apart. All NaN are one value, and
 * −0 is 0.
 *
 * @param bits the element's bits in the low bytes; of integers sign-extended or zero-extended as
 *     the type says
 */
public record Nodata(ElementType type, long bits) {

  /** Of a 64-bit integer. */
  private static final int MAX_DIGITS = 20;

  /** The option's text that stands for no such number. */
  public static final String NONE = "none";

  /**
   * Reads a number: {@code -9999}, {@code 1e30}, {@code nan}, {@code inf}, in any case.
   *
   * @param where of the array, for the message
   * @throws InvalidInputException when the type cannot hold it; a floating type holds what rounds
   *     to a finite number of it
   */
  public static Nodata parse(String text, ElementType type, String where) {
    try {
      return type.floating()
          ? of(NumberText.parseDouble(text), type, where)
          : of(new BigDecimal(text.strip()), type, where);
    } catch (NumberFormatException e) {
      throw refused(text, type, where, e);
    }
  }

  /** NaN of a floating type. */
  static Nodata nan(ElementType type) {
    byte[] element = new byte[type.bytes()];
    ElementAccess.putDouble(element, 0, type, Double.NaN);
    return ofElement(element, 0, type, ByteOrder.LITTLE_ENDIAN);
  }

  private static Nodata of(double value, ElementType type, String where) {
    byte[] element = new byte[type.bytes()];
    ElementAccess.putDouble(element, 0, type, value);
    Nodata found = ofElement(element, 0, type, ByteOrder.LITTLE_ENDIAN);
    if (Double.isFinite(value) && Double.isInfinite(found.asDouble())) {
      throw refused(Double.toString(value), type, where, null);
    }
    return found;
  }

  private static Nodata of(BigDecimal value, ElementType type, String where) {
    if (value.precision() - (long) value.scale() > MAX_DIGITS) {
      throw refused(value.toString(), type, where, null); // before it takes memory
    }
    try {
      BigInteger integer = value.toBigIntegerExact();
      boolean unsigned = type.toString().startsWith("u");
      int width = 8 * type.bytes();
      boolean fits =
          unsigned
              ? integer.signum() >= 0 && integer.bitLength() <= width
              : integer.bitLength() < width;
      if (fits) {
        return new Nodata(type, integer.longValue());
      }
    } catch (ArithmeticException e) {
      throw refused(value.toString(), type, where, e);
    }
    throw refused(value.toString(), type, where, null);
  }

  private static InvalidInputException refused(
      String text, ElementType type, String where, @Nullable Exception cause) {
    String message =
        "Cannot use nodata %s of %s: its type %s does not have this number; give one that it has with --nodata, or --nodata none"
            .formatted(text, where, type);
    return cause == null
        ? new InvalidInputException(message)
        : new InvalidInputException(message, cause);
  }

  /** The number that is stored at byte {@code at}. */
  public static Nodata ofElement(byte[] bytes, int at, ElementType type, ByteOrder order) {
    return new Nodata(type, ElementAccess.bitsAt(bytes, at, type, order));
  }

  /** Whether the element at byte {@code at} is this number; it has this type. */
  public boolean isAt(byte[] bytes, int at, ByteOrder order) {
    long found = ElementAccess.bitsAt(bytes, at, type, order);
    if (found == bits) {
      return true;
    }
    if (!type.floating()) {
      return false;
    }
    double value = ElementAccess.doubleOfBits(found, type);
    double wanted = asDouble();
    return value == wanted || (Double.isNaN(value) && Double.isNaN(wanted));
  }

  /** Exact but for 64-bit integers beyond 2⁵³. */
  public double asDouble() {
    return ElementAccess.doubleOfBits(bits, type);
  }

  /** Exact where {@link ElementType#exactAsFloat32}. */
  public float asFloat() {
    return (float) asDouble();
  }

  @Override
  public String toString() {
    return switch (type) {
      case UINT64 -> Long.toUnsignedString(bits);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> Long.toString(bits);
      case FLOAT64 -> Double.toString(asDouble());
      case FLOAT32, FLOAT16, BFLOAT16 -> Float.toString(asFloat());
    };
  }
}
