package org.pointwise.spark.sql;

import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Coordinate;
import org.pointwise.format.ValueType;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * The values of a coordinate along one axis, as stored: no scale, fill value or unit of attributes
 * is applied. NumPy's dates are timestamps without time zone in microseconds, its durations whole
 * numbers; those that are absent are null.
 *
 * @param name the name of the column
 * @param numbers the values of all types but texts: whole numbers, or the bits of float64 numbers
 * @param texts the values of texts in UTF-8; else empty
 */
record CoordinateColumn(
    String name, Axis axis, DataType type, boolean times, long[] numbers, byte[][] texts)
    implements Serializable {
  private static final String PREFIX = "coord_";
  private static final long ABSENT = Long.MIN_VALUE;
  private static final DataType UINT64 = DataTypes.createDecimalType(20, 0);
  private static final Map<String, Long> MICROS =
      Map.of(
          "us",
          1L,
          "μs",
          1L,
          "ms",
          1000L,
          "s",
          1_000_000L,
          "m",
          60_000_000L,
          "h",
          3_600_000_000L,
          "D",
          86_400_000_000L,
          "W",
          604_800_000_000L);
  private static final Map<String, Long> PER_MICRO =
      Map.of("ns", 1000L, "ps", 1_000_000L, "fs", 1_000_000_000L, "as", 1_000_000_000_000L);

  /** Returns the column of a coordinate that has one dimension. */
  static CoordinateColumn of(Coordinate coordinate, Axis axis) {
    ValueType type = coordinate.type();
    int count = coordinate.count();
    long[] numbers = new long[type.isText() ? 0 : count];
    byte[][] texts = new byte[type.isText() ? count : 0][];
    for (int i = 0; i < count; i++) {
      if (type.isText()) {
        texts[i] = coordinate.text(i).getBytes(StandardCharsets.UTF_8);
      } else if (type.kind() == ValueType.Kind.DATE) {
        numbers[i] = micros(bits(coordinate, i), type);
      } else {
        numbers[i] =
            type.number().floating()
                ? Double.doubleToRawLongBits(coordinate.number(i))
                : bits(coordinate, i);
      }
    }
    boolean times = type.kind() == ValueType.Kind.DATE || type.kind() == ValueType.Kind.DURATION;
    return new CoordinateColumn(
        PREFIX + coordinate.name(), axis, dataType(type), times, numbers, texts);
  }

  private static long bits(Coordinate coordinate, int i) {
    ElementType type = coordinate.type().number();
    return ElementAccess.bitsAt(
        coordinate.values(), i * type.bytes(), type, ByteOrder.LITTLE_ENDIAN);
  }

  private static DataType dataType(ValueType type) {
    return switch (type.kind()) {
      case CHARACTERS, BYTES, TEXT -> DataTypes.StringType;
      case DATE -> DataTypes.TimestampNTZType;
      case DURATION -> DataTypes.LongType;
      case NUMBER ->
          switch (type.number()) {
            case FLOAT64 -> DataTypes.DoubleType;
            case FLOAT32, FLOAT16, BFLOAT16 -> DataTypes.FloatType;
            case UINT64 -> UINT64;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> DataTypes.LongType;
          };
    };
  }

  /** Returns a date in microseconds since 1970; absent if it is beyond their range. */
  private static long micros(long date, ValueType type) {
    if (date == ABSENT) {
      return ABSENT;
    }
    try {
      long units = Math.multiplyExact(date, (long) type.multiple());
      Long each = MICROS.get(type.unit());
      Long perMicro = PER_MICRO.get(type.unit());
      if (each != null) {
        return Math.multiplyExact(units, each);
      }
      if (perMicro != null) {
        return Math.floorDiv(units, perMicro);
      }
      LocalDate day =
          LocalDate.EPOCH.plus(
              units, type.unit().equals("Y") ? ChronoUnit.YEARS : ChronoUnit.MONTHS);
      return Math.multiplyExact(day.toEpochDay(), 86_400_000_000L);
    } catch (ArithmeticException | DateTimeException e) {
      return ABSENT;
    }
  }

  boolean isNull(int index) {
    return times && numbers[index] == ABSENT;
  }

  double number(int index) {
    return Double.longBitsToDouble(numbers[index]);
  }

  Decimal decimal(int index) {
    return Decimal.apply(new BigDecimal(Long.toUnsignedString(numbers[index])), 20, 0);
  }

  UTF8String text(int index) {
    return UTF8String.fromBytes(texts[index]);
  }

  private int count() {
    return Math.max(numbers.length, texts.length);
  }

  /** Compares the value at an index with another, in Spark's order. */
  interface Order {
    /** Returns a number less than, equal to or greater than 0. */
    int compare(int index);
  }

  /** Returns the order of values around a value of a filter; null if it has another type. */
  @Nullable Order order(Object value) {
    Comparable<?> other = key(value);
    return other == null ? null : index -> compare(key(index), other);
  }

  @SuppressWarnings("unchecked") // keys of one column have the same class
  private static int compare(Comparable<?> one, Comparable<?> other) {
    return ((Comparable<Object>) one).compareTo(other);
  }

  /**
   * Returns what stands for a value of a filter in comparisons with {@link #key(int)}, in Spark's
   * order; null if the value has another type than the column.
   */
  @Nullable Comparable<?> key(Object value) {
    if (type.equals(DataTypes.StringType)) {
      return value instanceof String text ? UTF8String.fromString(text) : null;
    }
    if (type.equals(DataTypes.LongType)) {
      return value instanceof Long number ? number : null;
    }
    if (type.equals(UINT64)) {
      return value instanceof BigDecimal number ? number.stripTrailingZeros() : null;
    }
    if (type.equals(DataTypes.TimestampNTZType)) {
      return value instanceof LocalDateTime time
          ? Math.addExact(
              Math.multiplyExact(time.toEpochSecond(ZoneOffset.UTC), 1_000_000L),
              time.getNano() / 1000)
          : null;
    }
    return value instanceof Double || value instanceof Float
        ? key(((Number) value).doubleValue())
        : null;
  }

  private static Comparable<?> key(double number) {
    return number + 0.0; // −0 equals 0
  }

  /** Returns what stands for the value at an index in comparisons. */
  Comparable<?> key(int index) {
    if (type.equals(DataTypes.StringType)) {
      return text(index);
    }
    if (type.equals(UINT64)) {
      return new BigDecimal(Long.toUnsignedString(numbers[index])).stripTrailingZeros();
    }
    boolean floating = type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType);
    return floating ? key(number(index)) : (Comparable<?>) numbers[index];
  }

  /** Returns the indexes along the axis whose values are not null and fulfil a condition. */
  Ranges where(IntPredicate condition) {
    Ranges.Builder ranges = new Ranges.Builder(count());
    for (int i = 0; i < count(); i++) {
      if (!isNull(i) && condition.test(i)) {
        ranges.add(i, i + 1L);
      }
    }
    return ranges.build();
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof CoordinateColumn other
        && name.equals(other.name)
        && axis == other.axis
        && type.equals(other.type)
        && times == other.times
        && Arrays.equals(numbers, other.numbers)
        && Arrays.deepEquals(texts, other.texts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, axis, Arrays.hashCode(numbers));
  }
}
