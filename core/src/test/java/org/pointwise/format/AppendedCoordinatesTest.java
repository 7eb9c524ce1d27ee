package org.pointwise.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/** Tests times that are appended to times in other units. */
class AppendedCoordinatesTest {
  private static final AppendedCoordinates APPENDED = new AppendedCoordinates("Cannot", "time");

  private static Coordinate times(ElementType type, ObjectNode attributes, double... numbers) {
    byte[] values = new byte[numbers.length * type.bytes()];
    for (int i = 0; i < numbers.length; i++) {
      if (type.floating()) {
        ElementAccess.putDouble(values, i * type.bytes(), type, numbers[i]);
      } else {
        ElementAccess.putLong(values, i * type.bytes(), (long) numbers[i]);
      }
    }
    return new Coordinate(
        "time",
        List.of("time"),
        List.of((long) numbers.length),
        ValueType.of(type),
        values,
        List.of(),
        attributes);
  }

  private static ObjectNode units(String units) {
    return JsonText.object().put("units", units);
  }

  private static double[] appended(Coordinate before, Coordinate added) {
    Coordinate all = APPENDED.of(List.of(before), List.of(added)).get(0);
    ElementType type = all.type().number();
    double[] numbers = new double[all.count()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          ElementAccess.doubleAt(all.values(), i * type.bytes(), type, ByteOrder.LITTLE_ENDIAN);
    }
    return numbers;
  }

  private static void refused(Coordinate before, Coordinate added, String why) {
    assertThatThrownBy(() -> appended(before, added))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(why);
  }

  @Test
  void timesAreThoseOfTheFirstUnits() {
    Coordinate first = times(ElementType.INT64, units("hours since 2026-01-01"), 0, 24);
    Coordinate next = times(ElementType.INT64, units("days since 2026-01-02 06:00:00"), 0, 1);
    assertThat(appended(first, next)).containsExactly(0, 24, 30, 54);
    Coordinate fine = times(ElementType.INT64, units("minutes since 2026-01-02"), 1);
    refused(first, fine, "cannot be stored");
    Coordinate floating = times(ElementType.FLOAT64, units("days since 2026-01-02"), 0.25, 1);
    assertThat(appended(first, floating)).containsExactly(0, 24, 30, 48);
  }

  @Test
  void absentTimesStayAbsent() {
    ObjectNode first = units("days since 2026-01-01").put("_FillValue", -9999.0);
    ObjectNode next = units("days since 2026-01-11").put("_FillValue", -9999.0);
    assertThat(
            appended(
                times(ElementType.FLOAT64, first, 1),
                times(ElementType.FLOAT64, next, 0.5, -9999, Double.NaN)))
        .containsExactly(1, 10.5, -9999, Double.NaN);
    ObjectNode other = units("days since 2026-01-11").put("_FillValue", -1.0);
    Coordinate absent = times(ElementType.FLOAT64, other, 1, -1, Double.NaN);
    assertThat(appended(times(ElementType.FLOAT64, first, 1), absent))
        .containsExactly(1, 11, -9999, Double.NaN);
    ObjectNode none = units("days since 2026-01-01");
    assertThat(appended(times(ElementType.FLOAT64, none, 1), absent))
        .containsExactly(1, 11, Double.NaN, Double.NaN);
    ObjectNode missing = units("days since 2026-01-01").put("missing_value", 11);
    refused(times(ElementType.FLOAT64, missing, 1), absent, "cannot be stored");
    assertThat(
            appended(times(ElementType.INT64, missing, 1), times(ElementType.FLOAT64, other, -1)))
        .containsExactly(1, 11);
    refused(times(ElementType.UINT64, none, 1), absent, "cannot be stored");
  }

  @Test
  void fillValueNanIsThatOfNone() {
    ObjectNode filled = units("days since 2026-01-01").put("_FillValue", Double.NaN);
    Coordinate times = times(ElementType.FLOAT64, filled, 1, Double.NaN);
    assertThat(appended(times(ElementType.FLOAT64, units("days since 2026-01-01"), 1), times))
        .containsExactly(1, 1, Double.NaN);
    assertThat(appended(times, times(ElementType.INT64, units("days since 2026-01-01"), 1)))
        .containsExactly(1, Double.NaN, 1);
    Coordinate metres = times(ElementType.FLOAT64, units("m"), 1);
    ObjectNode nan = units("m").put("_FillValue", Double.NaN);
    assertThat(appended(metres, times(ElementType.FLOAT64, nan, 2))).containsExactly(1, 2);
    refused(
        metres,
        times(ElementType.FLOAT64, units("m").put("_FillValue", -1.0), 2),
        "_FillValue = -1.0 but none in the output");
  }

  @Test
  void whatCannotBeConvertedExactlyIsRefused() {
    ObjectNode scaled = units("days since 2026-01-01").put("scale_factor", 0.5);
    ObjectNode later = units("days since 2026-01-11").put("scale_factor", 0.5);
    refused(times(ElementType.FLOAT64, scaled, 1), times(ElementType.FLOAT64, later, 1), "units");
    refused(
        times(ElementType.FLOAT64, units("hours since 0001-01-01"), 1),
        times(ElementType.FLOAT64, units("hours since 2026-01-01"), 1),
        "units");
    refused(
        times(ElementType.FLOAT32, units("seconds since 1970-01-01"), 1),
        times(ElementType.FLOAT32, units("seconds since 2026-01-01"), 60),
        "cannot be stored");
    ObjectNode otherCalendar = units("days since 2026-01-01").put("calendar", "360_day");
    refused(
        times(ElementType.FLOAT64, units("days since 2026-01-01"), 1),
        times(ElementType.FLOAT64, otherCalendar, 1),
        "calendar");
  }

  @Test
  void flagsHaveOneMeaning() {
    Coordinate first =
        times(ElementType.INT64, JsonText.object().put("flag_meanings", "good bad"), 0, 1);
    Coordinate same =
        times(ElementType.INT64, JsonText.object().put("flag_meanings", "good bad"), 1);
    assertThat(appended(first, same)).containsExactly(0, 1, 1);
    Coordinate other =
        times(ElementType.INT64, JsonText.object().put("flag_meanings", "bad good"), 0);
    refused(first, other, "flag_meanings");
    ObjectNode values = JsonText.object().put("flag_meanings", "good bad");
    values.putArray("flag_values").add(1).add(2);
    refused(first, times(ElementType.INT64, values, 1), "flag_values");
  }
}
