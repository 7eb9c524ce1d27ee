package org.pointwise.format;

import org.pointwise.tensor.ElementType;

/**
 * The type of the values of a coordinate. Each value has the same number of numbers.
 *
 * @param number the type of these numbers
 * @param count the number of these numbers: the characters or bytes of a text of fixed length, else
 *     1
 * @param unit NumPy's unit of time, such as {@code ns}; empty for other kinds
 * @param multiple the number of units to which a value of 1 corresponds; 1 for other kinds
 */
public record ValueType(Kind kind, ElementType number, int count, String unit, int multiple) {
  /** The meaning of the numbers. */
  public enum Kind {
    NUMBER,
    /** NumPy's datetime64: time since 1970. */
    DATE,
    /** NumPy's timedelta64. */
    DURATION,
    /** Text of fixed length in UTF-32, followed by zeros. */
    CHARACTERS,
    /** Text of fixed length in bytes of any encoding, followed by zeros. */
    BYTES,
    /** Text of variable length. The number of a value is its position in a list of texts. */
    TEXT
  }

  /** The type of texts of variable length. */
  public static final ValueType TEXT = new ValueType(Kind.TEXT, ElementType.INT32, 1, "", 1);

  /** Returns the type of numbers. */
  public static ValueType of(ElementType number) {
    return new ValueType(Kind.NUMBER, number, 1, "", 1);
  }

  /** Returns the type of texts of a fixed number of characters. */
  public static ValueType characters(int count) {
    return new ValueType(Kind.CHARACTERS, ElementType.UINT32, count, "", 1);
  }

  /** Returns the type of texts of a fixed number of bytes. */
  public static ValueType bytes(int count) {
    return new ValueType(Kind.BYTES, ElementType.UINT8, count, "", 1);
  }

  /**
   * Returns a type of times.
   *
   * @param kind {@link Kind#DATE} or {@link Kind#DURATION}
   */
  public static ValueType time(Kind kind, String unit, int multiple) {
    return new ValueType(kind, ElementType.INT64, 1, unit, multiple);
  }

  /** Returns the bytes of a value. */
  public int bytes() {
    return Math.multiplyExact(number.bytes(), count);
  }

  public boolean isNumber() {
    return kind == Kind.NUMBER;
  }

  /** Returns whether values are NumPy's times, of which NaT is the one that is absent. */
  boolean isTime() {
    return kind == Kind.DATE || kind == Kind.DURATION;
  }

  public boolean isText() {
    return kind == Kind.TEXT || kind == Kind.CHARACTERS || kind == Kind.BYTES;
  }

  /** Returns whether values are texts of a fixed length. */
  private boolean isFixed() {
    return kind == Kind.CHARACTERS || kind == Kind.BYTES;
  }

  /**
   * Returns the type that holds the values of this type and of another one: the longer of two texts
   * of fixed length, else this type.
   */
  ValueType promote(ValueType other) {
    return isFixed() && other.kind == kind && other.count > count ? other : this;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case NUMBER -> number.toString();
      case DATE -> "datetime64[%d %s]".formatted(multiple, unit);
      case DURATION -> "timedelta64[%d %s]".formatted(multiple, unit);
      case CHARACTERS -> "text of %d characters".formatted(count);
      case BYTES -> "text of %d bytes".formatted(count);
      case TEXT -> "text";
    };
  }
}
