package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.Compression;
import org.pointwise.format.ValueType;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * The geometry of one output array and of its objects.
 *
 * @param format 2 or 3
 * @param path the path of the array in its group
 * @param chunk the extent of a chunk in pixels; a chunk holds all channels
 * @param shard the extent of one object in pixels, a whole number of chunks
 * @param sharded whether objects are shards; if not, {@code shard} equals {@code chunk}
 */
record ZarrLayout(
    int format,
    String path,
    Axes axes,
    List<String> dimensionNames,
    FeatureShape shape,
    ElementType type,
    Extent chunk,
    Extent shard,
    boolean sharded,
    Compression compression) {

  private List<ByteCodec> compressors() {
    return switch (compression.kind()) {
      case ZSTD -> List.of(new ZstdCodec(compression.level(), format == 2)); // v3 has crc32c
      case BLOSC -> List.of(new BloscCodec("lz4", compression.level(), 2, type.bytes()));
      case GZIP -> List.of(new DeflateCodec(true, compression.level()));
      case NONE -> List.of();
    };
  }

  /** Returns the metadata that a reader of this array would parse. */
  ArrayMetadata metadata() {
    List<ByteCodec> codecs = new ArrayList<>(compressors());
    if (format == 3) {
      codecs.add(new Crc32cCodec());
    }
    return new ArrayMetadata(
        format,
        axes.order().stream().mapToLong(shape::length).toArray(),
        lengths(chunk),
        sharded
            ? new ArrayMetadata.Sharding(
                lengths(shard), ArrayMetadata.identityOrder(axes.rank()), true, true)
            : null,
        ValueType.of(type),
        ByteOrder.LITTLE_ENDIAN,
        ArrayMetadata.identityOrder(axes.rank()),
        codecs,
        new byte[type.bytes()],
        "",
        false,
        new ArrayMetadata.KeyEncoding(format == 3, format == 3 ? '/' : '.'),
        dimensionNames,
        JsonText.object(),
        "");
  }

  private int[] lengths(Extent extent) {
    return axes.order().stream()
        .mapToInt(axis -> axis == Axis.C ? shape.c() : extent.length(axis))
        .toArray();
  }

  /** Returns {@code zarr.json}, or {@code .zarray}. */
  public ObjectNode json(ObjectNode attributes) {
    return format == 3 ? v3(attributes) : v2();
  }

  private ObjectNode v3(ObjectNode attributes) {
    ArrayMetadata metadata = metadata();
    ObjectNode json = JsonText.object().put("zarr_format", 3).put("node_type", "array");
    numbers(json.putArray("shape"), metadata.shape());
    json.put("data_type", type.toString());
    json.putObject("chunk_grid").put("name", "regular").putObject("configuration");
    numbers(
        ((ObjectNode) json.path("chunk_grid").path("configuration")).putArray("chunk_shape"),
        longs(metadata.objectShape()));
    json.putObject("chunk_key_encoding")
        .put("name", "default")
        .putObject("configuration")
        .put("separator", "/");
    json.put("fill_value", "NaN");
    ArrayNode codecs = json.putArray("codecs");
    if (sharded) {
      ObjectNode sharding = codecs.addObject().put("name", "sharding_indexed");
      ObjectNode settings = sharding.putObject("configuration");
      numbers(settings.putArray("chunk_shape"), longs(metadata.chunk()));
      chain(settings.putArray("codecs"), metadata.codecs());
      chain(settings.putArray("index_codecs"), List.of(new Crc32cCodec()));
      settings.put("index_location", "end");
    } else {
      chain(codecs, metadata.codecs());
    }
    ArrayNode names = json.putArray("dimension_names");
    dimensionNames.forEach(names::add);
    json.set("attributes", attributes);
    return json;
  }

  private static void chain(ArrayNode codecs, List<ByteCodec> byteCodecs) {
    codecs.addObject().put("name", "bytes").putObject("configuration").put("endian", "little");
    for (ByteCodec codec : byteCodecs) {
      ObjectNode json = codecs.addObject().put("name", codec.name());
      if (!codec.configuration().isEmpty()) {
        json.set("configuration", codec.configuration());
      }
    }
  }

  private ObjectNode v2() {
    ArrayMetadata metadata = metadata();
    ObjectNode json = JsonText.object().put("zarr_format", 2);
    numbers(json.putArray("shape"), metadata.shape());
    numbers(json.putArray("chunks"), longs(metadata.chunk()));
    json.put("dtype", "<" + type.numpyCode());
    if (metadata.codecs().isEmpty()) {
      json.putNull("compressor");
    } else {
      ByteCodec codec = metadata.codecs().get(0);
      ObjectNode settings = json.putObject("compressor").put("id", codec.name());
      switch (compression.kind()) {
        case BLOSC ->
            settings
                .put("cname", "lz4")
                .put("clevel", compression.level())
                .put("shuffle", 2)
                .put("blocksize", 0);
        case ZSTD, GZIP -> settings.put("level", compression.level());
        case NONE -> throw new IllegalStateException("No codec without compression");
      }
    }
    json.put("fill_value", "NaN").put("order", "C").putNull("filters");
    return json;
  }

  private static long[] longs(int[] values) {
    return java.util.Arrays.stream(values).asLongStream().toArray();
  }

  private static void numbers(ArrayNode node, long[] values) {
    for (long value : values) {
      node.add(value);
    }
  }
}
