package org.pointwise.format.envi;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;

/**
 * The text header of a cube. It has one {@code key = value} per line; a value in braces may span
 * several lines.
 *
 * @param fields the values by lower-case key
 * @param where the location of the header, for messages
 */
record EnviHeader(Map<String, String> fields, String where) {
  private static final String MAGIC = "ENVI";
  private static final int MAX_BYTES = 4 << 20;

  /** Maximum number of characters of a number, and of a value in a message. */
  private static final int MAX_CHARACTERS = 400;

  /**
   * Reads a header. Returns null if there is no such object.
   *
   * @throws InvalidInputException if the object is not a header
   */
  static @Nullable EnviHeader read(ByteStore store, String key) throws IOException {
    Bytes bytes = new Bytes();
    try {
      if (!store.read(key, bytes, MAX_BYTES)) {
        return null;
      }
    } catch (ByteStore.TooLongException e) {
      throw new InvalidInputException(
          "Cannot read %s: a header has at most %d bytes; check that it is one"
              .formatted(ByteStore.join(store.uri(), key), MAX_BYTES),
          e);
    }
    String where = ByteStore.join(store.uri(), key);
    String text = new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.get(0).strip().equals(MAGIC)) {
      throw new CorruptDataException(
          "Cannot read %s: its first line is not ENVI; check that it is the header of a cube"
              .formatted(where));
    }
    Map<String, String> fields = new HashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i);
      int equals = line.indexOf('=');
      if (equals < 0 || line.strip().startsWith(";")) {
        continue;
      }
      StringBuilder value = new StringBuilder(line.substring(equals + 1).strip());
      if (value.indexOf("{") == 0) {
        for (boolean open = value.indexOf("}") < 0; open; open = !lines.get(i).contains("}")) {
          if (++i == lines.size()) {
            throw new CorruptDataException(
                "Cannot read %s: the brace of '%s' is never closed; restore the file"
                    .formatted(where, line.substring(0, equals).strip()));
          }
          value.append(' ').append(lines.get(i).strip());
        }
      }
      fields.put(line.substring(0, equals).strip().toLowerCase(Locale.ROOT), value.toString());
    }
    return new EnviHeader(fields, where);
  }

  /** Returns the lengths in the order of {@link #axes}. */
  long[] shape() {
    long lines = positive("lines");
    long samples = positive("samples");
    long bands = positive("bands");
    return axes().order().stream()
        .mapToLong(axis -> axis == Axis.Y ? lines : axis == Axis.X ? samples : bands)
        .toArray();
  }

  /** Returns the axes from the slowest in the file to the fastest. */
  Axes axes() {
    String name = fields.getOrDefault("interleave", "bsq");
    Interleave interleave = Interleave.named(name);
    if (interleave == null) {
      throw invalid("interleave", name, "bsq, bil or bip");
    }
    return interleave.axes();
  }

  ElementType type() {
    String code = required("data type");
    return switch (code) {
      case "1" -> ElementType.UINT8;
      case "2" -> ElementType.INT16;
      case "3" -> ElementType.INT32;
      case "4" -> ElementType.FLOAT32;
      case "5" -> ElementType.FLOAT64;
      case "12" -> ElementType.UINT16;
      case "13" -> ElementType.UINT32;
      case "14" -> ElementType.INT64;
      case "15" -> ElementType.UINT64;
      default ->
          throw invalid("data type", code, "1 to 5 or 12 to 15; complex numbers are not supported");
    };
  }

  ByteOrder order() {
    return switch (fields.getOrDefault("byte order", "0")) {
      case "0" -> ByteOrder.LITTLE_ENDIAN;
      case "1" -> ByteOrder.BIG_ENDIAN;
      default -> throw invalid("byte order", required("byte order"), "0 or 1");
    };
  }

  long offset() {
    return fields.containsKey("header offset") ? number("header offset", 0) : 0;
  }

  /** Returns the stored number that marks nodata; null if there is none. */
  @Nullable String nodata() {
    String value = fields.get("data ignore value");
    if (value != null && value.length() > MAX_CHARACTERS) {
      throw invalid("data ignore value", value, "a number");
    }
    return value;
  }

  /** Returns the factors of the numbers: one number, or one for each band. */
  double[] gains() {
    return numbers("data gain values", 1);
  }

  /** Returns the numbers that are added to the products: one number, or one for each band. */
  double[] offsets() {
    return numbers("data offset values", 0);
  }

  private double[] numbers(String key, double defaultValue) {
    String list = fields.get(key);
    if (list == null) {
      return new double[] {defaultValue};
    }
    String[] texts = list.replaceAll("[{}]", "").split(",", -1);
    double[] values = new double[texts.length];
    boolean finite = true;
    try {
      for (int i = 0; i < texts.length; i++) {
        values[i] = Double.parseDouble(texts[i].strip());
        finite &= Float.isFinite((float) values[i]);
      }
    } catch (NumberFormatException e) {
      throw invalid(key, list, "numbers, with commas between them");
    }
    if (!finite) {
      throw invalid(key, list, "finite");
    }
    if (texts.length > 1 && texts.length != positive("bands")) {
      throw invalid(
          key,
          texts.length + " numbers",
          "one, or one for each of the %d bands".formatted(positive("bands")));
    }
    return values;
  }

  private static String shortened(String list) {
    return list.length() <= MAX_CHARACTERS ? list : list.substring(0, MAX_CHARACTERS) + "…";
  }

  /** Returns notes on scaling fields that are not applied, one sentence each. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (String key :
        List.of(
            "reflectance scale factor",
            "data reflectance gain values",
            "data reflectance offset values")) {
      String value = fields.get(key);
      if (value != null) {
        notes.add(
            "its header has '%s' (%s), which is not applied; give --scale and --offset for it"
                .formatted(key, shortened(value)));
      }
    }
    return notes;
  }

  /** Rejects fields that describe numbers at other positions or of another kind. */
  void requireSupported() {
    String file = fields.getOrDefault("file type", MAGIC);
    if (!file.toUpperCase(Locale.ROOT).startsWith(MAGIC)) {
      throw invalid("file type", file, "ENVI");
    }
    for (String key : List.of("file compression", "major frame offsets", "minor frame offsets")) {
      String value = fields.getOrDefault(key, "0");
      if (!value.replaceAll("[{},\\s0]", "").isEmpty()) {
        throw invalid(key, value, "0");
      }
    }
  }

  private String required(String key) {
    String value = fields.get(key);
    if (value == null) {
      throw new InvalidInputException(
          "Cannot read %s: it has no '%s'; add the line".formatted(where, key));
    }
    return value;
  }

  private long positive(String key) {
    return number(key, 1);
  }

  private long number(String key, long min) {
    String text = required(key);
    try {
      long value = Long.parseLong(text);
      if (value >= min) {
        return value;
      }
    } catch (NumberFormatException e) {
      // thrown below
    }
    throw invalid(key, text, "a whole number from " + min);
  }

  private InvalidInputException invalid(String key, String actual, String expected) {
    return new InvalidInputException(
        "Cannot read %s: its '%s' is %s but needs to be %s"
            .formatted(
                where,
                key,
                actual.length() > MAX_CHARACTERS
                    ? actual.substring(0, MAX_CHARACTERS) + "…"
                    : actual,
                expected));
  }
}
