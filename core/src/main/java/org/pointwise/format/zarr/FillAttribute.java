package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import org.pointwise.format.Texts;
import org.pointwise.format.ValueType;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * The attribute {@code _FillValue} of coordinates, as xarray stores it: in v2 as {@code
 * fill_value}, in v3 as an attribute, which for floating-point numbers is the base64 of a float64.
 * Of texts and times xarray reads it in v2 alone.
 */
final class FillAttribute {
  private static final String NAME = "_FillValue";

  private FillAttribute() {}

  /**
   * Returns the attributes of an array with the fill value as a number. That of texts is text: the
   * base64 of the bytes of {@link ValueType.Kind#BYTES}.
   */
  static ObjectNode read(ArrayMetadata metadata) {
    ObjectNode attributes = metadata.attributes().deepCopy();
    attributes.remove("_ARRAY_DIMENSIONS");
    ElementType type = metadata.type();
    if (!metadata.value().isNumber()) {
      attributes.remove(NAME);
      if (metadata.format() == 2 && metadata.fillGiven()) {
        attributes.set(NAME, metadata.value().isText() ? text(metadata) : exact(metadata));
      }
      return attributes;
    }
    JsonNode given = attributes.path(NAME);
    if (metadata.format() == 3 && given.isTextual() && type.floating()) {
      try {
        byte[] bytes = Base64.getDecoder().decode(given.asText());
        if (bytes.length == Double.BYTES) {
          attributes.put(NAME, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getDouble());
        }
      } catch (IllegalArgumentException e) {
        return attributes; // another client's form
      }
    } else if (metadata.format() == 2 && given.isMissingNode() && metadata.fillGiven()) {
      double fill = ElementAccess.doubleAt(metadata.fill(), 0, type, metadata.byteOrder());
      if (fill != 0) { // zarr-python writes zero for every array
        attributes.set(NAME, type.floating() ? DoubleNode.valueOf(fill) : exact(metadata));
      }
    }
    return attributes;
  }

  /** Returns the fill value of integers, which may exceed the range of a float64. */
  private static JsonNode exact(ArrayMetadata metadata) {
    long bits = ElementAccess.bitsAt(metadata.fill(), 0, metadata.type(), metadata.byteOrder());
    return metadata.type() == ElementType.UINT64
        ? BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(bits)))
        : LongNode.valueOf(bits);
  }

  private static JsonNode text(ArrayMetadata metadata) {
    byte[] fill = metadata.fill();
    return TextNode.valueOf(
        switch (metadata.value().kind()) {
          case CHARACTERS -> Texts.ofCharacters(fill, 0, fill.length, metadata.byteOrder());
          case BYTES ->
              Base64.getEncoder()
                  .encodeToString(Arrays.copyOf(fill, Texts.length(fill, 0, fill.length)));
          default -> metadata.fillText();
        });
  }

  /** Returns {@code fill_value} of a v2 array. */
  static JsonNode fillValue(ObjectNode attributes, ValueType type) {
    // xarray masks the fill value: zero would become NaN
    return type.isNumber() || !attributes.has(NAME) ? NullNode.instance : attributes.path(NAME);
  }

  /** Returns the attributes in the form of a Zarr version. */
  static ObjectNode write(ObjectNode attributes, int version, ValueType type) {
    ObjectNode written = attributes.deepCopy();
    if (!type.isNumber()) {
      written.remove(NAME);
      return written;
    }
    JsonNode fill = written.path(NAME);
    if (version == 3 && type.number().floating() && fill.isNumber()) {
      ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putDouble(fill.doubleValue());
      written.put(NAME, Base64.getEncoder().encodeToString(bytes.array()));
    } else if (fill.isNumber() && !Double.isFinite(fill.doubleValue())) {
      written.put(NAME, Double.toString(fill.doubleValue()));
    }
    return written;
  }
}
