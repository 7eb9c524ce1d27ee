package org.pointwise.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * The coordinates of images that are appended, after those of an output. Times are converted to the
 * units of the output.
 *
 * @param cannot the beginning of messages, such as {@code Cannot append a to b}
 * @param along the dimension of the images
 */
record AppendedCoordinates(String cannot, String along) {
  /** Attributes that determine the meaning of a coordinate's numbers. */
  private static final List<String> MEANING =
      List.of("calendar", "scale_factor", "add_offset", "_FillValue", "missing_value", "dtype");

  private static final List<String> ABSENT = List.of("_FillValue", "missing_value");

  private static final String UNITS = "units";

  /** Calendars that have the same dates since 1582. */
  private static final Set<String> GREGORIAN =
      Set.of("", "standard", "gregorian", "proleptic_gregorian");

  /**
   * Returns the coordinates of all images.
   *
   * @throws InvalidInputException if the coordinates do not fit together
   */
  List<Coordinate> of(List<Coordinate> past, List<Coordinate> added) {
    List<Coordinate> all = new ArrayList<>();
    for (Coordinate coordinate : added) {
      Coordinate before = named(coordinate.name(), past);
      boolean grows = coordinate.dimensions().contains(along);
      if (before == null) {
        if (grows) {
          throw refused(
              "the new images have a coordinate '%s' but the output's images have none; leave it out"
                  .formatted(coordinate.name()));
        }
        all.add(coordinate);
      } else {
        ValueType type = before.type().with(coordinate.type());
        all.add(of(before.widened(type), coordinate.widened(coordinate.type().with(type)), grows));
      }
    }
    for (Coordinate before : past) {
      if (named(before.name(), added) == null) {
        throw refused(
            "the output's images have a coordinate '%s' but the new images have none; add it"
                .formatted(before.name()));
      }
    }
    return all;
  }

  private static @Nullable Coordinate named(String name, List<Coordinate> coordinates) {
    return coordinates.stream()
        .filter(coordinate -> coordinate.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private Coordinate of(Coordinate before, Coordinate added, boolean grows) {
    requireAlike(before, added);
    if (!grows) {
      Coordinate converted = converted(before, added);
      if (!before.sameValues(converted)) {
        throw refused(
            "coordinate '%s' has other values than in the output; use another output"
                .formatted(added.name()));
      }
      return before;
    }
    return before.followedBy(converted(before, added), along);
  }

  private void requireAlike(Coordinate before, Coordinate added) {
    List<Long> lengths = new ArrayList<>(added.lengths());
    int dimension = added.dimensions().indexOf(along);
    if (dimension >= 0 && before.dimensions().equals(added.dimensions())) {
      lengths.set(dimension, before.lengths().get(dimension));
    }
    if (!before.dimensions().equals(added.dimensions())
        || !before.lengths().equals(lengths)
        || !before.type().equals(added.type())) {
      throw refused(
          "coordinate '%s' is %s %s of %s in the output but %s %s of %s; store it alike"
              .formatted(
                  added.name(),
                  before.dimensions(),
                  before.lengths(),
                  before.type(),
                  added.dimensions(),
                  added.lengths(),
                  added.type()));
    }
    for (String attribute : MEANING) {
      JsonNode then = before.attributes().path(attribute);
      JsonNode now = added.attributes().path(attribute);
      boolean same =
          switch (attribute) {
            case "calendar" -> then.equals(now) || (isGregorian(before) && isGregorian(added));
            case "_FillValue" -> added.type().isTime() || then.asText().equals(now.asText());
            default -> then.asText().equals(now.asText());
          };
      if (!same) {
        throw refused(other(added.name(), attribute, then, now));
      }
    }
  }

  /** Returns whether times are counted in a Gregorian calendar from a day after it began. */
  private static boolean isGregorian(Coordinate coordinate) {
    TimeUnits units = TimeUnits.parse(coordinate.attributes().path(UNITS).asText(""));
    String calendar = coordinate.attributes().path("calendar").asText("");
    return GREGORIAN.contains(calendar) && units != null && units.isGregorian();
  }

  /** Returns whether the stored numbers are times, without a scale. */
  private static boolean isConvertible(Coordinate coordinate) {
    return coordinate.type().isNumber()
        && isGregorian(coordinate)
        && !coordinate.attributes().has("scale_factor")
        && !coordinate.attributes().has("add_offset");
  }

  private static String other(String name, String attribute, JsonNode then, JsonNode now) {
    return "coordinate '%s' has the attribute %s = %s but %s in the output; store it alike"
        .formatted(name, attribute, now, then);
  }

  /** Returns a coordinate in the units of another. */
  private Coordinate converted(Coordinate before, Coordinate added) {
    JsonNode then = before.attributes().path(UNITS);
    JsonNode now = added.attributes().path(UNITS);
    if (then.asText("").equals(now.asText(""))) {
      return added;
    }
    TimeUnits from = TimeUnits.parse(now.asText(""));
    TimeUnits to = TimeUnits.parse(then.asText(""));
    if (from == null || to == null || !isConvertible(before) || !isConvertible(added)) {
      throw refused(other(added.name(), UNITS, then, now));
    }
    byte[] values = new byte[added.values().length];
    for (int at = 0; at < values.length; at += added.type().bytes()) {
      convert(added, at, from, to, then.asText(), values);
    }
    return added.withValues(values);
  }

  private void convert(
      Coordinate added, int at, TimeUnits from, TimeUnits to, String unitsOf, byte[] into) {
    ElementType type = added.type().number();
    ObjectNode attributes = added.attributes();
    double number = ElementAccess.doubleAt(added.values(), at, type, ByteOrder.LITTLE_ENDIAN);
    long bits = ElementAccess.bitsAt(added.values(), at, type, ByteOrder.LITTLE_ENDIAN);
    if (!Double.isFinite(number)) {
      System.arraycopy(added.values(), at, into, at, type.bytes());
      return;
    }
    BigDecimal time =
        type.floating() ? new BigDecimal(number) : new BigDecimal(integer(type, bits));
    if (isAbsent(time, attributes) || (type == ElementType.INT64 && bits == Long.MIN_VALUE)) {
      System.arraycopy(added.values(), at, into, at, type.bytes());
      return;
    }
    BigDecimal converted = from.in(to, time);
    if (type.floating()) {
      ElementAccess.putDouble(into, at, type, converted.doubleValue());
      double stored = ElementAccess.doubleAt(into, at, type, ByteOrder.LITTLE_ENDIAN);
      if (Double.isFinite(stored) && to.isSameTime(new BigDecimal(stored), converted)) {
        return;
      }
    }
    if (type.floating() || !isExact(converted, type)) {
      throw refused(
          "a time of coordinate '%s', %s %s, is %s %s, which the output's %s cannot hold; write all times in the same fine units from the first on, in xarray by encoding={'%s': {'units': 'seconds since 1970-01-01'}}"
              .formatted(
                  added.name(),
                  time.toPlainString(),
                  attributes.path(UNITS).asText(),
                  converted.stripTrailingZeros().toPlainString(),
                  unitsOf,
                  type,
                  added.name()));
    }
    long value = converted.toBigInteger().longValue();
    for (int b = 0; b < type.bytes(); b++) {
      into[at + b] = (byte) (value >> (b * Byte.SIZE));
    }
  }

  /** Returns whether a number is one of those that stand for no time. */
  private static boolean isAbsent(BigDecimal number, ObjectNode attributes) {
    return ABSENT.stream()
        .map(attributes::path)
        .filter(JsonNode::isNumber)
        .anyMatch(absent -> absent.decimalValue().compareTo(number) == 0);
  }

  private static boolean isExact(BigDecimal number, ElementType type) {
    int bits = type.bytes() * Byte.SIZE;
    boolean signed = type.name().startsWith("INT");
    BigInteger whole = number.toBigInteger();
    return number.compareTo(new BigDecimal(whole)) == 0
        && (signed ? whole.bitLength() < bits : whole.signum() >= 0 && whole.bitLength() <= bits);
  }

  private static BigInteger integer(ElementType type, long bits) {
    return type == ElementType.UINT64
        ? new BigInteger(Long.toUnsignedString(bits))
        : BigInteger.valueOf(bits);
  }

  private InvalidInputException refused(String why) {
    return new InvalidInputException(cannot + ": " + why);
  }
}
