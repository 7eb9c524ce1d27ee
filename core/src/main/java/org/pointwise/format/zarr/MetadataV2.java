package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.format.zarr.ArrayMetadata.KeyEncoding;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;

/** Parses {@code .zarray} and {@code .zattrs} of Zarr v2. */
final class MetadataV2 {
  private MetadataV2() {}

  static ArrayMetadata parse(byte[] zarray, byte @Nullable [] zattrs, String where) {
    ObjectNode json = JsonText.parse(zarray, where + "/.zarray");
    ObjectNode attributes =
        zattrs == null ? JsonText.object() : JsonText.parse(zattrs, where + "/.zattrs");
    if (!JsonArrays.isInteger(json.path("zarr_format"), 2)) {
      throw new InvalidInputException(
          "Cannot read %s: zarr_format %s in .zarray but 2 was expected"
              .formatted(where, json.path("zarr_format")));
    }
    JsonNode dtype = json.path("dtype");
    ValueType type = ValueTypes.v2(dtype, where);
    ByteOrder order =
        dtype.asText().startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    requireFilters(json.path("filters"), type, where);
    long[] shape = JsonArrays.longs(json.path("shape"), "shape", where);
    int[] chunk = JsonArrays.ints(json.path("chunks"), "chunks", where);
    ArrayMetadata.checkSizes(where, shape, chunk, chunk, type);
    JsonNode compressor = json.path("compressor");
    List<ByteCodec> codecs =
        compressor.isNull() || compressor.isMissingNode()
            ? List.of()
            : List.of(
                CodecNames.of(
                    compressor.path("id").asText("null"), compressor, type.number(), where));
    return new ArrayMetadata(
        2,
        shape,
        chunk,
        null,
        type,
        order,
        chunkOrder(json.path("order").asText(), shape.length, where),
        codecs,
        FillValues.encode(json.path("fill_value"), type, order, where),
        FillValues.text(json.path("fill_value"), type),
        !json.path("fill_value").isMissingNode() && !json.path("fill_value").isNull(),
        new KeyEncoding(false, separator(json, where)),
        JsonArrays.names(attributes.path("_ARRAY_DIMENSIONS"), shape.length),
        attributes,
        Hashes.sha256(JsonText.line(json) + JsonText.line(attributes)));
  }

  /** Requires that the only filter is the serialisation of texts of variable length. */
  private static void requireFilters(JsonNode filters, ValueType type, String where) {
    boolean text = type.kind() == ValueType.Kind.TEXT;
    int count =
        filters.isArray() ? filters.size() : filters.isNull() || filters.isMissingNode() ? 0 : 1;
    String first = filters.path(0).path("id").asText();
    if (text ? count != 1 || !first.equals(VlenText.NAME) : count > 0) {
      throw new InvalidInputException(
          text
              ? "Cannot read %s: objects of filter '%s' are not supported; write it as text (%s)"
                  .formatted(where, first, VlenText.NAME)
              : "Cannot read %s: filter '%s' is not supported; write it without filters"
                  .formatted(where, first));
    }
  }

  private static char separator(ObjectNode json, String where) {
    String separator = json.path("dimension_separator").asText(".");
    if (!separator.equals(".") && !separator.equals("/")) {
      throw new InvalidInputException(
          "Cannot read %s: dimension_separator '%s' is neither . nor /"
              .formatted(where, separator));
    }
    return separator.charAt(0);
  }

  private static int[] chunkOrder(String order, int rank, String where) {
    int[] dimensions = ArrayMetadata.identityOrder(rank);
    if (order.equals("F")) {
      for (int d = 0; d < rank; d++) {
        dimensions[d] = rank - 1 - d;
      }
    } else if (!order.equals("C")) {
      throw new InvalidInputException(
          "Cannot read %s: order '%s' is neither C nor F".formatted(where, order));
    }
    return dimensions;
  }
}
