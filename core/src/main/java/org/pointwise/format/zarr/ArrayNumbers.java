package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.NumberText;

/**
 * The meaning of an array's numbers, from its metadata: {@code scale_factor}, {@code add_offset}
 * and {@code _FillValue} or {@code missing_value} of the CF conventions 1.11 (section 2.5.1). For
 * Zarr v2 arrays that xarray wrote, {@code fill_value} is used as well, because xarray stores
 * {@code _FillValue} there.
 *
 * @param notes the notes for the user, one sentence each
 */
record ArrayNumbers(Quantisation quantisation, List<String> notes) {
  /** Attributes that describe stored numbers; they do not apply to a reduced array. */
  static final List<String> ATTRIBUTES =
      List.of(
          "_ARRAY_DIMENSIONS",
          "_FillValue",
          "missing_value",
          "scale_factor",
          "add_offset",
          "valid_range",
          "valid_min",
          "valid_max",
          "pointwise");

  /**
   * @param options the options of the user, which take precedence over the metadata
   * @param channels the number of channels of the array
   * @param where the location of the array, for messages
   * @throws InvalidInputException if the element type cannot represent a number, or if the count of
   *     numbers does not match the channels
   */
  static ArrayNumbers of(ArrayMetadata metadata, ReadOptions options, int channels, String where) {
    ObjectNode attributes = metadata.attributes();
    if (attributes.has("geoemb:quantization")) {
      throw new InvalidInputException(
          "Cannot read %s: its attribute geoemb:quantization is not supported; dequantise it first"
              .formatted(where));
    }
    List<String> notes = new ArrayList<>();
    Nodata nodata =
        options.nodata() != null
            ? options.nodata(null, metadata.type(), where)
            : ofMetadata(metadata, where, notes);
    ReadOptions.NamedScaling own =
        new ReadOptions.NamedScaling(
            () -> numbers(attributes, "scale_factor", 1, where),
            () -> numbers(attributes, "add_offset", 0, where));
    return new ArrayNumbers(
        new Quantisation(metadata.type(), options.scaling(own, channels, where), nodata), notes);
  }

  /** Returns one number, or one for each channel. */
  private static double[] numbers(
      ObjectNode attributes, String name, double defaultValue, String where) {
    JsonNode node = attributes.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return new double[] {defaultValue};
    }
    List<JsonNode> nodes = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(nodes::add);
    } else {
      nodes.add(node);
    }
    double[] numbers = new double[nodes.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!nodes.get(i).isNumber()) {
        throw new InvalidInputException(
            "Cannot read %s: its attribute %s is %s, not a number or a list of numbers; mend it, or give --scale and --offset"
                .formatted(where, name, nodes.get(i)));
      }
      numbers[i] = nodes.get(i).doubleValue();
    }
    return numbers;
  }

  private static @Nullable Nodata ofMetadata(
      ArrayMetadata metadata, String where, List<String> notes) {
    ObjectNode attributes = metadata.attributes();
    for (String name : List.of("_FillValue", "missing_value")) {
      String text = text(attributes.path(name), metadata.type());
      if (text != null) {
        return Nodata.parse(text, metadata.type(), where);
      }
    }
    boolean byXarray = metadata.format() == 2 && attributes.has("_ARRAY_DIMENSIONS");
    if (!byXarray || !metadata.fillGiven()) {
      return null;
    }
    Nodata fill = fill(metadata);
    if (fill.asDouble() == 0) {
      notes.add(
          "fill_value 0 is taken for a number, as zarr-python writes it for every array; use --nodata 0 where it means no data");
      return null;
    }
    return fill;
  }

  private static Nodata fill(ArrayMetadata metadata) {
    return Nodata.ofElement(metadata.fill(), 0, metadata.type(), metadata.byteOrder());
  }

  /**
   * Returns a number of the attributes as text; null if the node is not a number. Accepts a number,
   * the words for NaN and the infinities, a list of one number, and the base64 of a float64, as
   * xarray writes floating-point numbers in v3.
   *
   * @param type of the array; a whole number that is stored as a float64 beside an array of
   *     integers is written with all of its digits
   */
  private static @Nullable String text(JsonNode node, ElementType type) {
    if (node.isArray() && node.size() == 1) {
      return text(node.get(0), type);
    }
    if (node.isFloatingPointNumber()) {
      return text(node.doubleValue(), type);
    }
    if (node.isNumber()) {
      return node.asText();
    }
    if (!node.isTextual()) {
      return null;
    }
    switch (node.asText()) {
      case "NaN", "Infinity", "-Infinity" -> {
        return node.asText();
      }
      default -> {
        try {
          byte[] bytes = Base64.getDecoder().decode(node.asText());
          return bytes.length == Double.BYTES
              ? text(
                  ElementAccess.doubleAt(bytes, 0, ElementType.FLOAT64, ByteOrder.LITTLE_ENDIAN),
                  type)
              : null;
        } catch (IllegalArgumentException e) {
          return null; // other text is not a number
        }
      }
    }
  }

  private static String text(double number, ElementType type) {
    boolean integer = number == Math.rint(number) && Math.abs(number) <= 0x1p64;
    return integer && !type.floating() ? new BigDecimal(number).toString() : NumberText.of(number);
  }
}
