package org.pointwise.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ElementType;

/**
 * The key-value metadata of a file whose vectors are replaced. Schemas of Arrow, Spark and Hugging
 * Face, which readers prefer to that of the file, describe the new vectors. All other keys are
 * kept.
 */
final class FileKeys {
  private static final String ARROW = "ARROW:schema";
  private static final String ARROW_EXTENSION = "ARROW:extension:";
  private static final String SPARK = "org.apache.spark.sql.parquet.row.metadata";
  private static final String HUGGING_FACE = "huggingface";

  private FileKeys() {}

  /**
   * Changes the keys of a file for new vectors. A schema that cannot be read is removed.
   *
   * @param column the column as it is in the input
   * @param channels the length of the new vectors
   * @param type the type of their numbers
   */
  static void change(FileMetaData footer, VectorColumn column, int channels, ElementType type) {
    if (!footer.isSetKey_value_metadata()) {
      return;
    }
    List<KeyValue> kept = new ArrayList<>();
    for (KeyValue key : footer.getKey_value_metadata()) {
      String text = key.getValue();
      String changed =
          text == null
              ? null
              : switch (key.getKey()) {
                case ARROW -> arrow(text, column, channels, type);
                case SPARK -> json(text, root -> spark(root, column, type));
                case HUGGING_FACE -> json(text, root -> huggingFace(root, column, channels, type));
                default -> text;
              };
      if (changed != null) {
        kept.add(new KeyValue(key.getKey()).setValue(changed));
      } else if (text == null) {
        kept.add(key);
      }
    }
    footer.setKey_value_metadata(kept);
  }

  private static @Nullable String arrow(
      String text, VectorColumn column, int channels, ElementType type) {
    Schema schema;
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      schema = MessageSerializer.deserializeSchema(channel(bytes));
    } catch (IOException | RuntimeException e) { // damaged, or of a newer Arrow
      return null;
    }
    List<Field> fields = fields(schema.getFields(), column.names(), 0, channels, type);
    return fields.equals(schema.getFields())
        ? text
        : Base64.getEncoder().encodeToString(bytes(new Schema(fields, schema.getCustomMetadata())));
  }

  private static ReadChannel channel(byte[] bytes) {
    return new ReadChannel(Channels.newChannel(new ByteArrayInputStream(bytes)));
  }

  private static byte[] bytes(Schema schema) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      MessageSerializer.serialize(new WriteChannel(Channels.newChannel(bytes)), schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not from memory
    }
    return bytes.toByteArray();
  }

  private static List<Field> fields(
      List<Field> old, List<String> names, int depth, int channels, ElementType type) {
    List<Field> fields = new ArrayList<>();
    for (Field field : old) {
      if (!field.getName().equals(names.get(depth))) {
        fields.add(field);
      } else if (depth == names.size() - 1) {
        fields.add(vectors(field, channels, type));
      } else {
        fields.add(
            new Field(
                field.getName(),
                field.getFieldType(),
                fields(field.getChildren(), names, depth + 1, channels, type)));
      }
    }
    return fields;
  }

  /**
   * Returns the field of new vectors, with its metadata. An extension, which may name a shape, is
   * left out.
   */
  private static Field vectors(Field old, int channels, ElementType type) {
    if (old.getChildren().size() != 1) {
      return old;
    }
    ArrowType list =
        old.getType() instanceof ArrowType.FixedSizeList
            ? new ArrowType.FixedSizeList(channels)
            : old.getType();
    ArrowType numbers =
        new ArrowType.FloatingPoint(
            type == ElementType.FLOAT32
                ? FloatingPointPrecision.SINGLE
                : FloatingPointPrecision.DOUBLE);
    Field element = old.getChildren().get(0);
    Field changed = new Field(element.getName(), type(element, numbers), null);
    boolean same = list.equals(old.getType()) && numbers.equals(element.getType());
    return same ? old : new Field(old.getName(), type(old, list), List.of(changed));
  }

  private static FieldType type(Field old, ArrowType type) {
    Map<String, String> kept = new HashMap<>(old.getMetadata());
    kept.keySet().removeIf(key -> key.startsWith(ARROW_EXTENSION));
    return new FieldType(old.isNullable(), type, null, kept);
  }

  /** Returns a JSON text after a change; the text itself if nothing changed or it is no JSON. */
  private static String json(String text, Consumer<JsonNode> change) {
    JsonNode root;
    try {
      root = JsonText.parse(text.getBytes(StandardCharsets.UTF_8), "key");
    } catch (RuntimeException e) { // not of the program that this key is named after
      return text;
    }
    JsonNode old = root.deepCopy();
    change.accept(root);
    return root.equals(old) ? text : root.toString();
  }

  private static void spark(JsonNode schema, VectorColumn column, ElementType type) {
    JsonNode at = schema;
    for (String name : column.names()) {
      for (JsonNode field : at.path("fields")) {
        if (field.path("name").asText().equals(name)) {
          at = field.path("type");
        }
      }
    }
    if (at instanceof ObjectNode list && list.has("elementType")) {
      list.put("elementType", type == ElementType.FLOAT32 ? "float" : "double");
    }
  }

  private static void huggingFace(
      JsonNode root, VectorColumn column, int channels, ElementType type) {
    JsonNode at = root.path("info").path("features");
    for (String name : column.names()) {
      at = at.path(name);
    }
    if (at instanceof ObjectNode list && list.path("feature") instanceof ObjectNode number) {
      if (list.path("length").asInt(-1) >= 0) {
        list.put("length", channels);
      }
      number.put("dtype", type == ElementType.FLOAT32 ? "float32" : "float64");
    }
  }
}
