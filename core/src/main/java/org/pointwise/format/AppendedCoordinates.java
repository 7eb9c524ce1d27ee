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
 * @param errorPrefix the beginning of messages, such as {@code Cannot append a to b}
 * @param dimension the dimension of the images
 */
record AppendedCoordinates(String errorPrefix, String dimension) {
  /** Attributes that determine the meaning of a coordinate's numbers. */
  private static final List<String> DECODING_ATTRIBUTES =
      List.of(
          "calendar",
          "scale_factor",
          "add_offset",
          "_FillValue",
          "missing_value",
          "dtype",
          "flag_values",
          "flag_masks",
          "flag_meanings");

  private static final List<String> MISSING_VALUE_ATTRIBUTES =
      List.of("_FillValue", "missing_value");

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
      Coordinate stored = named(coordinate.name(), past);
      boolean grows = coordinate.dimensions().contains(dimension);
      if (stored == null) {
        if (grows) {
          throw invalid(
              "the new images have a coordinate '%s' but the output's images have none; leave it out"
                  .formatted(coordinate.name()));
        }
        all.add(coordinate);
      } else {
        ValueType type = stored.type().promote(coordinate.type());
        all.add(
            of(stored.widened(type), coordinate.widened(coordinate.type().promote(type)), grows));
      }
    }
    for (Coordinate stored : past) {
      if (named(stored.name(), added) == null) {
        throw invalid(
            "the output's images have a coordinate '%s' but the new images have none; add it"
                .formatted(stored.name()));
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

  private Coordinate of(Coordinate stored, Coordinate added, boolean grows) {
    requireCompatible(stored, added);
    if (!grows) {
      Coordinate converted = converted(stored, added);
      if (!stored.sameValues(converted)) {
        throw invalid(
            "coordinate '%s' has other values than in the output; use another output"
                .formatted(added.name()));
      }
      return stored;
    }
    return stored.followedBy(converted(stored, added), dimension);
  }

  private void requireCompatible(Coordinate stored, Coordinate added) {
    List<Long> lengths = new ArrayList<>(added.lengths());
    int axis = added.dimensions().indexOf(dimension);
    if (axis >= 0 && stored.dimensions().equals(added.dimensions())) {
      lengths.set(axis, stored.lengths().get(axis));
    }
    if (!stored.dimensions().equals(added.dimensions()) || !stored.lengths().equals(lengths)) {
      throw invalid(
          "coordinate '%s' has the dimensions %s of lengths %s but in the output %s of lengths %s; store it with the same dimensions and lengths"
              .formatted(
                  added.name(),
                  added.dimensions(),
                  added.lengths(),
                  stored.dimensions(),
                  stored.lengths()));
    }
    boolean times = isConvertible(stored) && isConvertible(added);
    if (!stored.type().equals(added.type()) && !times) {
      throw invalid(
          "coordinate '%s' is stored as %s but in the output as %s; store it in the same type"
              .formatted(added.name(), added.type(), stored.type()));
    }
    for (String attribute : DECODING_ATTRIBUTES) {
      JsonNode storedValue = stored.attributes().path(attribute);
      JsonNode addedValue = added.attributes().path(attribute);
      boolean same =
          switch (attribute) {
            case "calendar" ->
                storedValue.equals(addedValue) || (isGregorian(stored) && isGregorian(added));
            case "_FillValue", "missing_value" ->
                times
                    || added.type().isTime()
                    || missingValueText(stored, attribute)
                        .equals(missingValueText(added, attribute));
            default -> storedValue.toString().equals(addedValue.toString());
          };
      if (!same) {
        throw invalid(describeDifference(added.name(), attribute, storedValue, addedValue));
      }
    }
  }

  /** Returns an attribute as text, empty for NaN, which is absent in any case. */
  private static String missingValueText(Coordinate coordinate, String attribute) {
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

  private static String describeDifference(
      String name, String attribute, JsonNode storedValue, JsonNode addedValue) {
    return "coordinate '%s' has the attribute %s = %s but %s in the output; give it the same attribute"
        .formatted(name, attribute, text(addedValue), text(storedValue));
  }

  private static String text(JsonNode attribute) {
    return attribute.isMissingNode() ? "none" : attribute.toString();
  }

  /** Returns a coordinate in the units of another, absent times as there. */
  private Coordinate converted(Coordinate stored, Coordinate added) {
    JsonNode storedValue = stored.attributes().path(UNITS);
    JsonNode addedValue = added.attributes().path(UNITS);
    boolean sameMissingValues =
        MISSING_VALUE_ATTRIBUTES.stream()
            .allMatch(name -> missingValueText(stored, name).equals(missingValueText(added, name)));
    if (storedValue.asText("").equals(addedValue.asText(""))
        && stored.type().equals(added.type())
        && (sameMissingValues || !isConvertible(added))) {
      return added;
    }
    TimeUnits from = TimeUnits.parse(addedValue.asText(""));
    TimeUnits to = TimeUnits.parse(storedValue.asText(""));
    if (from == null || to == null || !isConvertible(stored) || !isConvertible(added)) {
      throw invalid(describeDifference(added.name(), UNITS, storedValue, addedValue));
    }
    int bytes = stored.type().bytes();
    byte[] values = new byte[Math.multiplyExact(added.count(), bytes)];
    for (int i = 0; i < added.count(); i++) {
      convert(added, i, from, to, stored, i * bytes, values);
    }
    return added.withValues(stored.type(), values);
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
            || isMissing(time, added.attributes())
            || (type == ElementType.INT64 && bits == Long.MIN_VALUE);
    BigDecimal converted = time == null || absent ? null : from.in(to, time);
    if (converted != null && isMissing(converted, like.attributes())) {
      converted = null;
    } else if (absent) {
      converted = missingTime(like);
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
    throw invalid(
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
  private static boolean isMissing(BigDecimal number, ObjectNode attributes) {
    return MISSING_VALUE_ATTRIBUTES.stream()
        .map(attributes::path)
        .filter(absent -> absent.isNumber() && Double.isFinite(absent.doubleValue()))
        .anyMatch(absent -> absent.decimalValue().compareTo(number) == 0);
  }

  /** Returns the number that stands for no time, or null for NaN or if there is none. */
  private static @Nullable BigDecimal missingTime(Coordinate coordinate) {
    for (String name : MISSING_VALUE_ATTRIBUTES) {
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

  private InvalidInputException invalid(String reason) {
    return new InvalidInputException(errorPrefix + ": " + reason);
  }
}
