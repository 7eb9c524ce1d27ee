package org.pointwise.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.pointwise.errors.CorruptDataException;

/**
 * Parses and writes JSON as the formats need it: strict, with bounded nesting; NaN is allowed,
 * because Python writes it. A string may be as long as a whole metadata document, because a record
 * stores documents as strings. Numbers are written as by {@link org.pointwise.tensor.NumberText},
 * on every JVM.
 */
public final class JsonText {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxStringLength(ByteStore.MAX_METADATA_BYTES)
                          .build())
                  .build())
          .enable(com.fasterxml.jackson.core.json.JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final ObjectWriter PYTHON =
      MAPPER.writer().without(JsonWriteFeature.WRITE_NAN_AS_STRINGS);

  private static final ObjectWriter LINE =
      MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT);

  private JsonText() {}

  /** Returns an array of numbers. */
  public static ArrayNode numbers(double[] numbers) {
    ArrayNode array = MAPPER.createArrayNode();
    for (double number : numbers) {
      array.add(number);
    }
    return array;
  }

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * Parses an object.
   *
   * @param where the name of the text for error messages
   */
  public static ObjectNode parse(byte[] text, String where) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (IOException e) {
      throw new CorruptDataException(
          "Cannot read %s: it is not valid JSON (%s); restore the file".formatted(where, reason(e)),
          e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new CorruptDataException(
        "Cannot read %s: it holds no JSON object; restore the file".formatted(where));
  }

  private static String reason(IOException e) {
    return e instanceof JsonProcessingException json
        ? String.valueOf(json.getOriginalMessage()).lines().findFirst().orElse("")
        : String.valueOf(e.getMessage());
  }

  /** Returns indented UTF-8 text with a line feed at the end. */
  public static byte[] bytes(JsonNode node) {
    return (text(node) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** As {@link #bytes}, but writes NaN and infinity without quotes, as Python does. */
  public static byte[] bytesAsPython(JsonNode node) {
    return (text(PYTHON, node) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  public static String text(JsonNode node) {
    return text(MAPPER.writer(), node);
  }

  /** Returns text on one line, without spaces. */
  public static String line(JsonNode node) {
    return text(LINE, node);
  }

  private static String text(ObjectWriter writer, JsonNode node) {
    try {
      return writer.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write JSON", e);
    }
  }
}
