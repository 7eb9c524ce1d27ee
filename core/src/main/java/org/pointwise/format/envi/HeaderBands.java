package org.pointwise.format.envi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Bands;
import org.pointwise.store.JsonText;

/** The fields of a header that describe its bands. */
final class HeaderBands {
  private static final String NAMES = "band names";
  private static final String WAVELENGTH = "wavelength";
  private static final String UNITS = "wavelength units";
  private static final String FWHM = "fwhm";

  /** Lists of numbers; {@code bbl} is 0 for a bad band. */
  private static final List<String> NUMERIC_KEYS = List.of(WAVELENGTH, FWHM, "bbl");

  private HeaderBands() {}

  /**
   * Returns the fields of a header as attributes. Lists of one entry for each band are arrays; a
   * field that is no such list is text.
   *
   * @param fields the values by lower-case key
   * @param bands the number of bands
   */
  static ObjectNode attributes(Map<String, String> fields, int bands) {
    ObjectNode attributes = JsonText.object();
    if (fields.containsKey(UNITS)) {
      attributes.put(UNITS, fields.get(UNITS));
    }
    for (String key : NUMERIC_KEYS) {
      String value = fields.get(key);
      double[] numbers = value == null ? null : numbers(entries(value));
      if (numbers != null && numbers.length == bands) {
        ArrayNode list = attributes.putArray(key);
        Arrays.stream(numbers).forEach(list::add);
      } else if (value != null) {
        attributes.put(key, value);
      }
    }
    String names = fields.get(NAMES);
    if (names != null && entries(names).length == bands) {
      ArrayNode list = attributes.putArray(NAMES);
      Arrays.stream(entries(names)).forEach(list::add);
    } else if (names != null) {
      attributes.put(NAMES, names);
    }
    return attributes;
  }

  private static String[] entries(String list) {
    String inside = list.strip().replaceAll("^\\{|\\}$", "");
    return Arrays.stream(inside.split(",", -1)).map(String::strip).toArray(String[]::new);
  }

  private static double @Nullable [] numbers(String[] texts) {
    double[] numbers = new double[texts.length];
    for (int i = 0; i < texts.length; i++) {
      try {
        numbers[i] = Double.parseDouble(texts[i]);
      } catch (NumberFormatException e) {
        return null;
      }
      if (!Double.isFinite(numbers[i])) {
        return null;
      }
    }
    return numbers;
  }

  /** Returns the fields that describe bands, one line each. */
  static String text(Bands bands) {
    StringBuilder text = new StringBuilder();
    append(text, NAMES, bands.names());
    append(text, WAVELENGTH, bands.wavelengths());
    append(text, FWHM, bands.fwhm());
    if (!bands.units().isEmpty()) {
      text.append(UNITS).append(" = ").append(entry(bands.units())).append('\n');
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String key, List<String> entries) {
    if (!entries.isEmpty()) {
      List<String> clean = entries.stream().map(HeaderBands::entry).toList();
      text.append(key).append(" = { ").append(String.join(", ", clean)).append(" }\n");
    }
  }

  /** Returns a text without the characters that separate entries and lines. */
  private static String entry(String text) {
    return text.replaceAll("[{},\\p{Cntrl}]", " ").strip();
  }
}
