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
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

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
    if (!before.dimensions().equals(added.dimensions()) || !before.lengths().equals(lengths)) {
      throw refused(
          "coordinate '%s' has the dimensions %s of lengths %s but in the output %s of lengths %s; store it alike"
              .formatted(
                  added.name(),
                  added.dimensions(),
                  added.lengths(),
                  before.dimensions(),
                  before.lengths()));
    }
    boolean times = isConvertible(before) && isConvertible(added);
    if (!before.type().equals(added.type()) && !times) {
      throw refused(
          "coordinate '%s' is stored as %s but in the output as %s; store it alike"
              .formatted(added.name(), added.type(), before.type()));
    }
    for (String attribute : MEANING) {
      JsonNode then = before.attributes().path(attribute);
      JsonNode now = added.attributes().path(attribute);
      boolean same =
          switch (attribute) {
            case "calendar" -> then.equals(now) || (isGregorian(before) && isGregorian(added));
            case "_FillValue", "missing_value" ->
                times
                    || added.type().isTime()
                    || absent(before, attribute).equals(absent(added, attribute));
            default -> then.asText().equals(now.asText());
          };
      if (!same) {
        throw refused(other(added.name(), attribute, then, now));
      }
    }
  }

  /** Returns an attribute as text, empty for NaN, which is absent in any case. */
  private static String absent(Coordinate coordinate, String attribute) {
    String text = coordinate.attributes().path(attribute).asText();
    boolean floating = coordinate.type().isNumber() && coordinate.type().number().floating();
    return floating && text.equals("NaN") ? "" : text;
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
        .formatted(name, attribute, shown(now), shown(then));
  }

  private static String shown(JsonNode attribute) {
    return attribute.isMissingNode() ? "none" : attribute.toString();
  }

  /** Returns a coordinate in the units of another, absent times as there. */
  private Coordinate converted(Coordinate before, Coordinate added) {
    JsonNode then = before.attributes().path(UNITS);
    JsonNode now = added.attributes().path(UNITS);
    boolean alike =
        ABSENT.stream().allMatch(name -> absent(before, name).equals(absent(added, name)));
    if (then.asText("").equals(now.asText(""))
        && before.type().equals(added.type())
        && (alike || !isConvertible(added))) {
      return added;
    }
    TimeUnits from = TimeUnits.parse(now.asText(""));
    TimeUnits to = TimeUnits.parse(then.asText(""));
    if (from == null || to == null || !isConvertible(before) || !isConvertible(added)) {
      throw refused(other(added.name(), UNITS, then, now));
    }
    int bytes = before.type().bytes();
    byte[] values = new byte[Math.multiplyExact(added.count(), bytes)];
    for (int i = 0; i < added.count(); i++) {
      convert(added, i, from, to, before, i * bytes, values);
    }
    return added.withValues(before.type(), values);
  }

  /** Writes a time in the units and the type of another coordinate. */
  private void convert(
      Coordinate added,
      int index,
      TimeUnits from,
      TimeUnits to,
      Coordinate like,
      int at,
      byte[] into) {
    ElementType type = added.type().number();
    ElementType stored = like.type().number();
    int position = index * type.bytes();
    double number = ElementAccess.doubleAt(added.values(), position, type, ORDER);
    long bits = ElementAccess.bitsAt(added.values(), position, type, ORDER);
    if (!Double.isFinite(number) && stored.floating()) {
      ElementAccess.putDouble(into, at, stored, number);
      return;
    }
    BigDecimal time = null;
    if (Double.isFinite(number)) {
      time = type.floating() ? new BigDecimal(number) : new BigDecimal(integer(type, bits));
    }
    boolean absent =
        time == null
            || isAbsent(time, added.attributes())
            || (type == ElementType.INT64 && bits == Long.MIN_VALUE);
    BigDecimal converted = time == null || absent ? null : from.in(to, time);
    if (converted != null && isAbsent(converted, like.attributes())) {
      converted = null;
    } else if (absent) {
      converted = absentTime(like);
      if (converted == null && stored.floating()) {
        ElementAccess.putDouble(into, at, stored, Double.NaN);
        return;
      }
    }
    if (converted != null && stored.floating()) {
      ElementAccess.putDouble(into, at, stored, converted.doubleValue());
      double rounded = ElementAccess.doubleAt(into, at, stored, ORDER);
      if (Double.isFinite(rounded) && to.isSameTime(new BigDecimal(rounded), converted)) {
        return;
      }
    } else if (converted != null && isExact(converted, stored)) {
      long value = converted.toBigInteger().longValue();
      for (int b = 0; b < stored.bytes(); b++) {
        into[at + b] = (byte) (value >> (b * Byte.SIZE));
      }
      return;
    }
    throw refused(
        "a time of coordinate '%s', %s %s, cannot be stored as %s in %s as in the output; write all times in the same fine units from the first on, in xarray by encoding={'%s': {'units': 'seconds since 1970-01-01', 'dtype': 'int64'}}"
            .formatted(
                added.name(),
                time == null ? "none" : time.toPlainString(),
                added.attributes().path(UNITS).asText(),
                stored,
                like.attributes().path(UNITS).asText(),
                added.name()));
  }

  /** Returns whether a number is one of those that stand for no time. */
  private static boolean isAbsent(BigDecimal number, ObjectNode attributes) {
    return ABSENT.stream()
        .map(attributes::path)
        .filter(absent -> absent.isNumber() && Double.isFinite(absent.doubleValue()))
        .anyMatch(absent -> absent.decimalValue().compareTo(number) == 0);
  }

  /** Returns the number that stands for no time, or null for NaN or if there is none. */
  private static @Nullable BigDecimal absentTime(Coordinate coordinate) {
    for (String name : ABSENT) {
      JsonNode number = coordinate.attributes().path(name);
      if (number.isNumber() && Double.isFinite(number.doubleValue())) {
        return number.decimalValue();
      }
    }
    // NaT of NumPy
    return coordinate.type().number() == ElementType.INT64
        ? BigDecimal.valueOf(Long.MIN_VALUE)
        : null;
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
