package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;

/**
 * Encodes {@code fill_value}: a number, {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}, or
 * the bits in hex.
 */
final class FillValues {
  private FillValues() {}

  /** Returns the fill value as one encoded element; zero if none is given. */
  static byte[] encode(JsonNode value, ElementType type, ByteOrder order, String where) {
    ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(order);
    if (value.isNull() || value.isMissingNode()) {
      return bytes.array();
    }
    if (value.isTextual() && value.asText().startsWith("0x")) {
      return bits(value.asText(), type, order, where);
    }
    JsonNode number =
        value.isTextual()
            ? special(value.asText(), where)
            : value.isBoolean() ? IntNode.valueOf(value.asBoolean() ? 1 : 0) : value;
    if (!number.isNumber() || (!type.floating() && !Double.isFinite(number.asDouble()))) {
      throw unknown(value, where);
    }
    switch (type) {
      case FLOAT32 -> bytes.putFloat((float) number.asDouble());
      case FLOAT64 -> bytes.putDouble(number.asDouble());
      case FLOAT16 -> bytes.putShort(Half.fromFloat((float) number.asDouble()));
      case BFLOAT16 -> bytes.putShort(Half.bfloatFromFloat((float) number.asDouble()));
      case INT8, UINT8 -> bytes.put((byte) number.asLong());
      case INT16, UINT16 -> bytes.putShort((short) number.asLong());
      case INT32, UINT32 -> bytes.putInt((int) number.asLong());
      case INT64, UINT64 -> bytes.putLong(number.bigIntegerValue().longValue());
    }
    return bytes.array();
  }

  private static JsonNode special(String text, String where) {
    return switch (text) {
      case "NaN" -> DoubleNode.valueOf(Double.NaN);
      case "Infinity" -> DoubleNode.valueOf(Double.POSITIVE_INFINITY);
      case "-Infinity" -> DoubleNode.valueOf(Double.NEGATIVE_INFINITY);
      default -> throw unknown(DoubleNode.valueOf(0), where + " ('" + text + "')");
    };
  }

  private static byte[] bits(String text, ElementType type, ByteOrder order, String where) {
    ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(order);
    try {
      long bits = Long.parseUnsignedLong(text.substring(2), 16);
      switch (type.bytes()) {
        case 1 -> bytes.put((byte) bits);
        case 2 -> bytes.putShort((short) bits);
        case 4 -> bytes.putInt((int) bits);
        default -> bytes.putLong(bits);
      }
      return bytes.array();
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "Cannot read %s: fill_value '%s' is not a number".formatted(where, text), e);
    }
  }

  private static InvalidInputException unknown(JsonNode value, String where) {
    return new InvalidInputException(
        "Cannot read %s: fill_value %s is not a number".formatted(where, value));
  }
}
