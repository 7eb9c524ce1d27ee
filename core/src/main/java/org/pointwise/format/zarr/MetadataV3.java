package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.format.zarr.ArrayMetadata.KeyEncoding;
import org.pointwise.format.zarr.ArrayMetadata.Sharding;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;

/** Parses {@code zarr.json} of a Zarr v3 array. */
final class MetadataV3 {
  private static final Set<String> KNOWN_FIELDS =
      Set.of(
          "zarr_format",
          "node_type",
          "shape",
          "data_type",
          "chunk_grid",
          "chunk_key_encoding",
          "fill_value",
          "codecs",
          "attributes",
          "dimension_names",
          "storage_transformers",
          "consolidated_metadata");

  /**
   * The codec chain of one level: the permutation of dimensions, the serialisation to bytes, and
   * the codecs from bytes to bytes.
   */
  private record Chain(
      int[] order, ByteOrder byteOrder, @Nullable JsonNode sharding, List<ByteCodec> codecs) {}

  private MetadataV3() {}

  static ArrayMetadata parse(byte[] text, String where) {
    ObjectNode json = JsonText.parse(text, where + "/zarr.json");
    checkFields(json, where);
    ValueType type = ValueTypes.v3(json.path("data_type"), where);
    long[] shape = JsonArrays.longs(json.path("shape"), "shape", where);
    JsonNode grid = json.path("chunk_grid");
    if (!grid.path("name").asText().equals("regular")) {
      throw unsupported("chunk grid", grid, where);
    }
    int[] object =
        JsonArrays.ints(grid.path("configuration").path("chunk_shape"), "chunk_shape", where);
    Chain outer = chain(json.path("codecs"), object.length, type, where);
    int[] chunk = object;
    Chain inner = outer;
    Sharding sharding = null;
    if (outer.sharding() != null) {
      chunk = unpermuted(outer.sharding().path("chunk_shape"), outer.order(), where);
      inner = chain(outer.sharding().path("codecs"), object.length, type, where);
      if (inner.sharding() != null) {
        throw new InvalidInputException(
            "Cannot read %s: codec 'sharding_indexed' inside 'sharding_indexed' is not supported"
                .formatted(where));
      }
      sharding = sharding(object, outer, where);
    }
    ArrayMetadata.checkSizes(where, shape, chunk, object, type);
    ObjectNode attributes =
        json.path("attributes") instanceof ObjectNode found ? found : JsonText.object();
    return new ArrayMetadata(
        3,
        shape,
        chunk,
        sharding,
        type,
        inner.byteOrder(),
        composed(outer, inner),
        inner.codecs(),
        FillValues.encode(json.path("fill_value"), type, inner.byteOrder(), where),
        FillValues.text(json.path("fill_value"), type),
        !json.path("fill_value").isMissingNode() && !json.path("fill_value").isNull(),
        keys(json.path("chunk_key_encoding"), where),
        JsonArrays.names(json.path("dimension_names"), shape.length),
        attributes,
        Hashes.sha256(JsonText.line(json)));
  }

  private static void checkFields(ObjectNode json, String where) {
    if (!JsonArrays.isInteger(json.path("zarr_format"), 3)) {
      throw new InvalidInputException(
          "Cannot read %s: zarr_format %s in zarr.json but 3 was expected"
              .formatted(where, json.path("zarr_format")));
    }
    if (!json.path("node_type").asText().equals("array")) {
      throw new InvalidInputException(
          "Cannot read %s: node_type %s in zarr.json but \"array\" was expected"
              .formatted(where, json.path("node_type")));
    }
    if (!json.path("storage_transformers").isEmpty()) {
      throw unsupported("storage transformer", json.path("storage_transformers").path(0), where);
    }
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!KNOWN_FIELDS.contains(field.getKey())
          && field.getValue().path("must_understand").asBoolean(true)) {
        throw new InvalidInputException(
            "Cannot read %s: its extension '%s' must be understood but is not known"
                .formatted(where, field.getKey()));
      }
    }
  }

  private static Chain chain(JsonNode codecs, int rank, ValueType type, String where) {
    int[] order = ArrayMetadata.identityOrder(rank);
    ByteOrder byteOrder = ByteOrder.LITTLE_ENDIAN;
    JsonNode sharding = null;
    boolean serialised = false;
    boolean text = type.kind() == ValueType.Kind.TEXT;
    List<ByteCodec> bytes = new ArrayList<>();
    for (JsonNode codec : codecs) {
      String name = codec.isTextual() ? codec.asText() : codec.path("name").asText();
      JsonNode settings = codec.path("configuration");
      if (name.equals("transpose") && !serialised) {
        order = transposed(order, settings.path("order"), where);
      } else if ((name.equals("bytes") || name.equals("endian")) && !serialised && !text) {
        serialised = true;
        byteOrder = byteOrder(settings.path("endian").asText("little"), where);
      } else if (name.equals(VlenText.NAME) && !serialised && text) {
        serialised = true;
      } else if (name.equals("sharding_indexed") && !serialised) {
        serialised = true;
        sharding = settings;
      } else if (sharding != null) {
        throw new InvalidInputException(
            "Cannot read %s: codec '%s' around 'sharding_indexed' is not supported"
                .formatted(where, name));
      } else {
        bytes.add(CodecNames.of(name, settings, type.number(), where));
        if (!serialised) {
          throw new InvalidInputException(
              "Cannot read %s: codec '%s' stands before 'bytes'".formatted(where, name));
        }
      }
    }
    if (!serialised) {
      throw new InvalidInputException(
          "Cannot read %s: its codecs lack '%s'".formatted(where, text ? VlenText.NAME : "bytes"));
    }
    return new Chain(order, byteOrder, sharding, bytes);
  }

  private static int[] transposed(int[] order, JsonNode node, String where) {
    int[] permutation;
    if (node.isTextual() && node.asText().equals("C")) {
      return order;
    } else if (node.isTextual() && node.asText().equals("F")) {
      permutation = new int[order.length];
      for (int d = 0; d < order.length; d++) {
        permutation[d] = order.length - 1 - d;
      }
    } else {
      permutation = JsonArrays.ints(node, "transpose order", where);
    }
    return permute(order, permutation, where);
  }

  /** Returns {@code order[permutation[i]]}. Rejects an argument that is not a permutation. */
  private static int[] permute(int[] order, int[] permutation, String where) {
    boolean[] seen = new boolean[order.length];
    int[] result = new int[order.length];
    boolean valid = permutation.length == order.length;
    for (int i = 0; valid && i < result.length; i++) {
      valid = permutation[i] >= 0 && permutation[i] < order.length && !seen[permutation[i]];
      if (valid) {
        seen[permutation[i]] = true;
        result[i] = order[permutation[i]];
      }
    }
    if (!valid) {
      throw new InvalidInputException(
          "Cannot read %s: its transpose order is no permutation of %d dimensions"
              .formatted(where, order.length));
    }
    return result;
  }

  private static int[] composed(Chain outer, Chain inner) {
    if (outer.sharding() == null) {
      return outer.order();
    }
    int[] order = new int[outer.order().length];
    for (int i = 0; i < order.length; i++) {
      order[i] = outer.order()[inner.order()[i]];
    }
    return order;
  }

  private static int[] unpermuted(JsonNode node, int[] order, String where) {
    int[] stored = JsonArrays.ints(node, "inner chunk_shape", where);
    if (stored.length != order.length) {
      throw new InvalidInputException(
          "Cannot read %s: its inner chunk_shape has %d dimensions but needs %d"
              .formatted(where, stored.length, order.length));
    }
    int[] logical = new int[stored.length];
    for (int i = 0; i < stored.length; i++) {
      logical[order[i]] = stored[i];
    }
    return logical;
  }

  private static Sharding sharding(int[] shape, Chain outer, String where) {
    JsonNode settings = Objects.requireNonNull(outer.sharding());
    String location = settings.path("index_location").asText("end");
    if (!location.equals("end") && !location.equals("start")) {
      throw new InvalidInputException(
          "Cannot read %s: index_location '%s' is neither start nor end"
              .formatted(where, location));
    }
    boolean checksum = false;
    for (JsonNode codec : settings.path("index_codecs")) {
      String name = codec.path("name").asText();
      boolean little =
          name.equals("bytes")
              && codec.path("configuration").path("endian").asText("little").equals("little");
      if (name.equals("crc32c") && !checksum) {
        checksum = true;
      } else if (!little) {
        throw new InvalidInputException(
            "Cannot read %s: index codec '%s' is not supported (known: bytes little, crc32c)"
                .formatted(where, name));
      }
    }
    return new Sharding(shape, outer.order(), location.equals("end"), checksum);
  }

  private static ByteOrder byteOrder(String endian, String where) {
    return switch (endian) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default ->
          throw new InvalidInputException(
              "Cannot read %s: endian '%s' is neither little nor big".formatted(where, endian));
    };
  }

  private static KeyEncoding keys(JsonNode node, String where) {
    String name = node.isTextual() ? node.asText() : node.path("name").asText();
    boolean prefixed = name.equals("default");
    if (!prefixed && !name.equals("v2")) {
      throw unsupported("chunk key encoding", node, where);
    }
    String separator = node.path("configuration").path("separator").asText(prefixed ? "/" : ".");
    if (!separator.equals("/") && !separator.equals(".")) {
      throw new InvalidInputException(
          "Cannot read %s: chunk key separator '%s' is neither . nor /"
              .formatted(where, separator));
    }
    return new KeyEncoding(prefixed, separator.charAt(0));
  }

  private static InvalidInputException unsupported(String field, JsonNode node, String where) {
    return new InvalidInputException(
        "Cannot read %s: %s '%s' is not supported"
            .formatted(
                where, field, node.isTextual() ? node.asText() : node.path("name").asText()));
  }
}
