package org.pointwise.format;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Units of a time coordinate, such as {@code hours since 2026-11-01 06:00}, in the Gregorian
 * calendar without leap seconds, by chapter 4.4 of the CF conventions 1.11.
 *
 * @param nanos nanoseconds of one unit
 * @param origin the time of the number 0, in nanoseconds since 1970
 */
record TimeUnits(BigInteger nanos, BigInteger origin) {
  private static final long SECOND = 1_000_000_000L;
  private static final BigDecimal MICROSECOND = BigDecimal.valueOf(1000);
  private static final BigInteger GREGORIAN_START =
      BigInteger.valueOf(LocalDate.of(1582, 10, 15).toEpochDay())
          .multiply(BigInteger.valueOf(86_400))
          .multiply(BigInteger.valueOf(SECOND));

  private static final Map<String, Long> NANOS =
      Map.of(
          "day",
          86_400 * SECOND,
          "hour",
          3600 * SECOND,
          "minute",
          60 * SECOND,
          "second",
          SECOND,
          "millisecond",
          1_000_000L,
          "microsecond",
          1000L,
          "nanosecond",
          1L);

  /** Parses units; returns null if the text has another form. */
  static @Nullable TimeUnits parse(String units) {
    String[] parts = units.strip().split("\\s+since\\s+", 2);
    Long nanos = parts.length == 2 ? nanos(parts[0].toLowerCase(Locale.ROOT)) : null;
    if (nanos == null) {
      return null;
    }
    String[] time = parts[1].replaceFirst("\\s*(Z|UTC|\\+00:?00)$", "").strip().split("[T ]+", 2);
    try {
      LocalDateTime origin =
          LocalDateTime.of(
              LocalDate.parse(time[0]),
              time.length == 2 ? LocalTime.parse(time[1]) : LocalTime.MIN);
      return new TimeUnits(
          BigInteger.valueOf(nanos),
          BigInteger.valueOf(origin.toEpochSecond(ZoneOffset.UTC))
              .multiply(BigInteger.valueOf(SECOND))
              .add(BigInteger.valueOf(origin.getNano())));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable Long nanos(String name) {
    Long nanos = NANOS.get(name);
    return nanos != null || !name.endsWith("s")
        ? nanos
        : NANOS.get(name.substring(0, name.length() - 1));
  }

  /** Returns whether the origin is a day since the Gregorian calendar began in 1582. */
  boolean isGregorian() {
    return origin.compareTo(GREGORIAN_START) >= 0;
  }

  /** Returns whether two numbers are the same time to within a microsecond. */
  boolean isSameTime(BigDecimal one, BigDecimal other) {
    return one.subtract(other).multiply(new BigDecimal(nanos)).abs().compareTo(MICROSECOND) <= 0;
  }

  /** Returns the number of the same time in other units, exactly; it may have a fraction. */
  BigDecimal in(TimeUnits other, BigDecimal number) {
    return number
        .multiply(new BigDecimal(nanos))
        .add(new BigDecimal(origin.subtract(other.origin)))
        .divide(new BigDecimal(other.nanos), 20, RoundingMode.HALF_EVEN);
  }
}
