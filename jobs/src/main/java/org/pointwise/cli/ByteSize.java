package org.pointwise.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts sizes in bytes: a number and a unit, {@code KiB}, {@code MiB}, {@code GiB} or {@code
 * TiB} (powers of 1024; {@code k}, {@code m}, {@code g} and {@code t} as Spark has them), {@code
 * kB}, {@code MB}, {@code GB} or {@code TB} (powers of 1000), in any case; {@code B} for bytes.
 * Only 0 needs no unit.
 */
final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?(?:b|([kmgt])(i?b)?)|0");

  private static final String UNIT_PREFIXES = "kmgt";

  @Override
  public Long convert(String text) {
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new TypeConversionException(
          "'%s' is not a size; write a number and a unit, such as 64MiB or 2GiB".formatted(text));
    }
    if (size.group(1) == null) {
      return 0L;
    }
    int power = size.group(2) == null ? 0 : 1 + UNIT_PREFIXES.indexOf(size.group(2));
    double bytes =
        Double.parseDouble(size.group(1))
            * Math.pow("b".equals(size.group(3)) ? 1000 : 1024, power);
    if (!(bytes < 0x1p62)) {
      throw new TypeConversionException("'%s' is larger than any memory".formatted(text));
    }
    return Math.round(bytes);
  }
}
