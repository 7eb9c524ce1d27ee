package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.format.ValueType.Kind;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementType;

/**
 * The names of value types: NumPy's in v2, those of zarr-python 3 and the registry of Zarr
 * extensions in v3.
 */
final class ValueTypes {
  private static final Pattern TEXT_V2 = Pattern.compile("[<>|]?([US])([1-9][0-9]{0,8})");

  /** The units of time. Generic times, which have none, are not supported. */
  private static final String UNIT = "(Y|M|W|D|h|m|s|ms|us|μs|ns|ps|fs|as)";

  private static final Pattern TIME_V2 =
      Pattern.compile("[<>]([mM])8\\[([1-9][0-9]{0,8})?" + UNIT + "\\]");

  private static final int BYTES_PER_CHARACTER = 4;

  private ValueTypes() {}

  /** Returns the type of a v2 array. */
  static ValueType v2(JsonNode dtype, String where) {
    String name = dtype.asText();
    Matcher text = TEXT_V2.matcher(name);
    Matcher time = TIME_V2.matcher(name);
    ValueType type =
        text.matches()
            ? text(text.group(1).equals("U"), Integer.parseInt(text.group(2)))
            : time.matches()
                ? time(time.group(1).equals("M"), time.group(3), multiple(time.group(2)))
                : name.equals("|O") ? ValueType.TEXT : numberV2(name);
    if (type == null || !dtype.isTextual()) {
      throw unknownV2(dtype, where);
    }
    return type;
  }

  private static int multiple(@Nullable String text) {
    return text == null ? 1 : Integer.parseInt(text);
  }

  private static @Nullable ValueType numberV2(String dtype) {
    ElementType type =
        dtype.length() < 3 || "<>|".indexOf(dtype.charAt(0)) < 0
            ? null
            : dtype.equals("|b1")
                ? ElementType.UINT8 // 0 and 1
                : ElementType.ofNumpyCode(dtype.substring(1));
    boolean ordered = type == null || type.bytes() == 1 || dtype.charAt(0) != '|';
    return type == null || !ordered ? null : ValueType.of(type);
  }

  private static InvalidInputException unknownV2(JsonNode dtype, String where) {
    return new InvalidInputException(
        "Cannot read %s: its type %s is not supported (known: f2, f4, f8, i1 to i8, u1 to u8, b1 after < or >)"
            .formatted(where, dtype));
  }

  /** Returns the type of a v3 array. */
  static ValueType v3(JsonNode node, String where) {
    JsonNode settings = node.path("configuration");
    int bytes = settings.path("length_bytes").asInt();
    int multiple = settings.path("scale_factor").asInt();
    String unit = settings.path("unit").asText();
    ValueType type =
        switch (name(node)) {
          case "string" -> ValueType.TEXT;
          case "fixed_length_utf32" ->
              bytes % BYTES_PER_CHARACTER == 0 ? text(true, bytes / BYTES_PER_CHARACTER) : null;
          case "null_terminated_bytes" -> text(false, bytes);
          case "numpy.datetime64" -> time(true, unit, multiple);
          case "numpy.timedelta64" -> time(false, unit, multiple);
          default -> numberV3(node);
        };
    if (type == null) {
      throw unknownV3(node, where);
    }
    return type;
  }

  private static @Nullable ValueType numberV3(JsonNode node) {
    ElementType type =
        !node.isTextual()
            ? null
            : node.asText().equals("bool")
                ? ElementType.UINT8 // 0 and 1
                : ElementType.ofName(node.asText());
    return type == null ? null : ValueType.of(type);
  }

  private static InvalidInputException unknownV3(JsonNode node, String where) {
    return new InvalidInputException(
        "Cannot read %s: its type '%s' is not supported (known: float16, bfloat16, float32, float64, int8 to int64, uint8 to uint64, bool)"
            .formatted(where, name(node)));
  }

  /** Returns the refusal of an array of a type that features cannot have. */
  static InvalidInputException notNumbers(ArrayMetadata metadata, String where) {
    return metadata.format() == 3
        ? unknownV3(v3(metadata.value()), where)
        : unknownV2(TextNode.valueOf(v2(metadata.value())), where);
  }

  private static String name(JsonNode node) {
    return node.isTextual() ? node.asText() : node.path("name").asText();
  }

  private static @Nullable ValueType text(boolean characters, int count) {
    return count < 1 || count > ArrayMetadata.MAX_CHUNK_BYTES / BYTES_PER_CHARACTER
        ? null
        : characters ? ValueType.characters(count) : ValueType.bytes(count);
  }

  private static @Nullable ValueType time(boolean date, String unit, int multiple) {
    return multiple < 1 || !unit.matches(UNIT)
        ? null
        : ValueType.time(date ? Kind.DATE : Kind.DURATION, unit, multiple);
  }

  /** Returns the {@code dtype} of a little-endian v2 array. */
  static String v2(ValueType type) {
    String multiple = type.multiple() == 1 ? "" : String.valueOf(type.multiple());
    return switch (type.kind()) {
      case NUMBER -> (type.bytes() == 1 ? "|" : "<") + type.number().numpyCode();
      case DATE -> "<M8[%s%s]".formatted(multiple, type.unit());
      case DURATION -> "<m8[%s%s]".formatted(multiple, type.unit());
      case CHARACTERS -> "<U" + type.count();
      case BYTES -> "|S" + type.count();
      case TEXT -> "|O";
    };
  }

  /** Returns the {@code data_type} of a v3 array. */
  static JsonNode v3(ValueType type) {
    return switch (type.kind()) {
      case NUMBER -> TextNode.valueOf(type.number().toString());
      case TEXT -> TextNode.valueOf("string");
      case CHARACTERS -> lengthV3("fixed_length_utf32", type);
      case BYTES -> lengthV3("null_terminated_bytes", type);
      case DATE -> timeV3("numpy.datetime64", type);
      case DURATION -> timeV3("numpy.timedelta64", type);
    };
  }

  private static ObjectNode lengthV3(String name, ValueType type) {
    ObjectNode json = JsonText.object().put("name", name);
    json.putObject("configuration").put("length_bytes", type.bytes());
    return json;
  }

  private static ObjectNode timeV3(String name, ValueType type) {
    ObjectNode json = JsonText.object().put("name", name);
    json.putObject("configuration").put("unit", type.unit()).put("scale_factor", type.multiple());
    return json;
  }
}
