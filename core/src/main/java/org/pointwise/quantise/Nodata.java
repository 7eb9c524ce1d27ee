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
 * The stored number that marks nodata, exactly as its element type holds it. Two int64 or float64
 * numbers are distinguished even if they round to the same float32. All NaN are equal, and −0
 * equals 0.
 *
 * @param bits the element's bits in the low bytes; integers are sign-extended or zero-extended
 *     according to the type
 */
public record Nodata(ElementType type, long bits) {

  /** The largest number of decimal digits of a 64-bit integer. */
  private static final int MAX_DIGITS = 20;

  /** The option's text for an array without a nodata number. */
  public static final String NONE = "none";

  /**
   * Parses a number: {@code -9999}, {@code 1e30}, {@code nan}, {@code inf}, in any case.
   *
   * @param where the description of the array, for the message
   * @throws InvalidInputException if the type cannot hold the number; a floating type holds every
   *     finite number that it rounds to a finite number
   */
  public static Nodata parse(String text, ElementType type, String where) {
    try {
      return type.floating()
          ? of(NumberText.parseDouble(text), type, where)
          : of(new BigDecimal(text.strip()), type, where);
    } catch (NumberFormatException e) {
      throw invalid(text, type, where, e);
    }
  }

  /** Returns NaN of a floating type. */
  static Nodata nan(ElementType type) {
    byte[] element = new byte[type.bytes()];
    ElementAccess.putDouble(element, 0, type, Double.NaN);
    return ofElement(element, 0, type, ByteOrder.LITTLE_ENDIAN);
  }

  private static Nodata of(double value, ElementType type, String where) {
    byte[] element = new byte[type.bytes()];
    ElementAccess.putDouble(element, 0, type, value);
    Nodata nodata = ofElement(element, 0, type, ByteOrder.LITTLE_ENDIAN);
    if (Double.isFinite(value) && Double.isInfinite(nodata.asDouble())) {
      throw invalid(NumberText.of(value), type, where, null);
    }
    return nodata;
  }

  private static Nodata of(BigDecimal value, ElementType type, String where) {
    if (value.precision() - (long) value.scale() > MAX_DIGITS) {
      throw invalid(value.toString(), type, where, null); // avoids a huge BigInteger
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
      throw invalid(value.toString(), type, where, e);
    }
    throw invalid(value.toString(), type, where, null);
  }

  private static InvalidInputException invalid(
      String text, ElementType type, String where, @Nullable Exception cause) {
    String message =
        "Cannot use nodata %s of %s: its type %s does not have this number; give one that it has with --nodata, or --nodata none"
            .formatted(text, where, type);
    return cause == null
        ? new InvalidInputException(message)
        : new InvalidInputException(message, cause);
  }

  /** Returns the number that is stored at byte {@code offset}. */
  public static Nodata ofElement(byte[] bytes, int offset, ElementType type, ByteOrder order) {
    return new Nodata(type, ElementAccess.bitsAt(bytes, offset, type, order));
  }

  /**
   * Returns whether the element at byte {@code offset} is this number. The element must have this
   * type.
   */
  public boolean isAt(byte[] bytes, int offset, ByteOrder order) {
    long nodata = ElementAccess.bitsAt(bytes, offset, type, order);
    if (nodata == bits) {
      return true;
    }
    if (!type.floating()) {
      return false;
    }
    double value = ElementAccess.doubleOfBits(nodata, type);
    double target = asDouble();
    return value == target || (Double.isNaN(value) && Double.isNaN(target));
  }

  /** Returns the number as float64. Exact except for 64-bit integers beyond 2⁵³. */
  public double asDouble() {
    return ElementAccess.doubleOfBits(bits, type);
  }

  /** Returns the number as float32. Exact if {@link ElementType#exactAsFloat32}. */
  public float asFloat() {
    return (float) asDouble();
  }

  @Override
  public String toString() {
    return switch (type) {
      case UINT64 -> Long.toUnsignedString(bits);
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> Long.toString(bits);
      case FLOAT64 -> NumberText.of(asDouble());
      case FLOAT32, FLOAT16, BFLOAT16 -> NumberText.of(asFloat());
    };
  }
}
