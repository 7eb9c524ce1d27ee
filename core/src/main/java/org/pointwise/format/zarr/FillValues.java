package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.format.ValueType.Kind;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;

/**
 * Encodes {@code fill_value}: a number, {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}, or
 * the bits in hex; of times a number or {@code "NaT"}; of texts the text, or the base64 of its
 * bytes.
 */
final class FillValues {
  private FillValues() {}

  /**
   * Returns the fill value as one encoded element. If none is given, returns zero, or {@code NaT}
   * for times.
   */
  static byte[] encode(JsonNode value, ValueType type, ByteOrder order, String where) {
    boolean none = value.isNull() || value.isMissingNode();
    if (none && type.kind() != Kind.DATE && type.kind() != Kind.DURATION) {
      return new byte[type.bytes()];
    }
    return switch (type.kind()) {
      case NUMBER -> encode(value, type.number(), order, where);
      case DATE, DURATION ->
          none || value.asText().equals("NaT") // as zarr-python reads null
              ? ByteBuffer.allocate(type.bytes()).order(order).putLong(Long.MIN_VALUE).array()
              : encode(value, type.number(), order, where);
      case CHARACTERS -> {
        ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(order);
        value.asText().codePoints().limit(type.count()).forEach(bytes::putInt);
        yield bytes.array();
      }
      case BYTES -> {
        try {
          byte[] bytes = Base64.getDecoder().decode(value.asText());
          yield Arrays.copyOf(bytes, type.bytes());
        } catch (IllegalArgumentException e) {
          throw new InvalidInputException(
              "Cannot read %s: fill_value %s is not base64".formatted(where, value), e);
        }
      }
      case TEXT -> new byte[type.bytes()]; // the position of the first text
    };
  }

  /** Returns the fill value of texts of variable length; empty if there is none. */
  static String text(JsonNode value, ValueType type) {
    boolean given = value.isTextual() || value.isNumber(); // zarr-python 2 wrote 0, which is "0"
    return type.kind() == Kind.TEXT && given ? value.asText() : "";
  }

  private static byte[] encode(JsonNode value, ElementType type, ByteOrder order, String where) {
    ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(order);
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
      case INT64, UINT64 -> bytes.putLong(integer(number).longValue());
    }
    return bytes.array();
  }

  /** Returns the number without its fraction. That of a float64 is exact on every JDK. */
  private static BigInteger integer(JsonNode number) {
    return number.isFloatingPointNumber()
        ? new BigDecimal(number.doubleValue()).toBigInteger()
        : number.bigIntegerValue();
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
