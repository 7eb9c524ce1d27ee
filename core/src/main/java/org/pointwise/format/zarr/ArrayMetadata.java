package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ValueType;
import org.pointwise.quantise.Nodata;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/**
 * The checked metadata of one array of Zarr v2 or v3. The lengths of chunks and shards are
 * positive, products of sizes do not overflow, and shards are whole numbers of chunks. The Java
 * arrays inside are never changed after parsing.
 *
 * @param format 2 or 3
 * @param chunk the unit of compression: the inner chunk if {@code shard} is given
 * @param value the type of the elements; of numbers for a feature array
 * @param chunkOrder the logical dimensions in the order of a chunk's bytes, slowest first
 * @param codecs the codecs from bytes to bytes, in the order of encoding
 * @param fill the fill value as one encoded element; zero, or {@code NaT}, if none is given
 * @param fillText the fill value of texts of variable length; else empty
 * @param fillGiven whether the metadata contains a fill value
 * @param dimensionNames null if none are stored
 */
record ArrayMetadata(
    int format,
    long[] shape,
    int[] chunk,
    @Nullable Sharding shard,
    ValueType value,
    ByteOrder byteOrder,
    int[] chunkOrder,
    List<ByteCodec> codecs,
    byte[] fill,
    String fillText,
    boolean fillGiven,
    KeyEncoding keys,
    @Nullable List<String> dimensionNames,
    ObjectNode attributes,
    String identity) {

  /** The maximum number of dimensions that is supported. */
  private static final int MAX_DIMENSIONS = 32;

  /** The maximum bytes of a chunk or an index, which leave room for the header of a Java array. */
  static final int MAX_CHUNK_BYTES = Integer.MAX_VALUE - (1 << 16);

  /** The maximum decoded bytes of a chunk of texts of variable length. */
  private static final int MAX_TEXT_BYTES = 64 << 20;

  /**
   * The layout of chunks in a shard: {@code sharding_indexed}.
   *
   * @param shape the shape of the shard, by logical dimension
   * @param order the logical dimensions in the order of the index, slowest first
   */
  record Sharding(int[] shape, int[] order, boolean indexAtEnd, boolean indexChecksum) {}

  /** The naming of the object of a chunk: {@code c/0/1} or {@code 0.1}. */
  record KeyEncoding(boolean prefixed, char separator) {
    String key(long[] chunk) {
      String joined =
          Arrays.stream(chunk)
              .mapToObj(Long::toString)
              .collect(Collectors.joining(String.valueOf(separator)));
      if (prefixed) {
        return joined.isEmpty() ? "c" : "c" + separator + joined;
      }
      return joined.isEmpty() ? "0" : joined;
    }
  }

  /** Checks the sizes on which every reader relies. */
  static void checkSizes(String where, long[] shape, int[] chunk, int[] shard, ValueType type) {
    if (shape.length > MAX_DIMENSIONS) {
      throw new InvalidInputException(
          "Cannot read %s: it has %d dimensions but at most %d are supported"
              .formatted(where, shape.length, MAX_DIMENSIONS));
    }
    if (chunk.length != shape.length || shard.length != shape.length) {
      throw new InvalidInputException(
          "Cannot read %s: its shape %s and its chunks %s differ in their number of dimensions"
              .formatted(where, Arrays.toString(shape), Arrays.toString(chunk)));
    }
    long bytes = type.bytes();
    long shards = 1;
    long inner = 16;
    try {
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] < 0 || chunk[d] < 1 || shard[d] < 1 || shard[d] % chunk[d] != 0) {
          throw new InvalidInputException(
              "Cannot read %s: shape %s, shards %s and chunks %s do not fit together"
                  .formatted(
                      where,
                      Arrays.toString(shape),
                      Arrays.toString(shard),
                      Arrays.toString(chunk)));
        }
        bytes = Math.multiplyExact(bytes, (long) chunk[d]);
        inner = Math.multiplyExact(inner, (long) (shard[d] / chunk[d]));
        shards = Math.multiplyExact(shards, Math.max(1, shape[d]));
      }
      Math.multiplyExact(shards, (long) type.bytes());
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          "Cannot read %s: its sizes overflow 64 bits (shape %s, chunks %s)"
              .formatted(where, Arrays.toString(shape), Arrays.toString(chunk)),
          e);
    }
    if (bytes > MAX_CHUNK_BYTES || inner > MAX_CHUNK_BYTES) {
      throw new InvalidInputException(
          "Cannot read %s: a chunk of %s expands to %d bytes (shard index %d) but at most %d are supported; write it with smaller chunks"
              .formatted(where, Arrays.toString(chunk), bytes, inner, MAX_CHUNK_BYTES));
    }
  }

  /** Returns the type of the numbers of which the elements consist. */
  ElementType type() {
    return value.number();
  }

  int rank() {
    return shape.length;
  }

  int chunkElements() {
    return (int) Arrays.stream(chunk).asLongStream().reduce(1, (a, b) -> a * b);
  }

  /**
   * Returns the decoded bytes of a chunk. Chunks at the edges are stored whole. Texts of variable
   * length have more bytes, up to {@link #maxChunkBytes}.
   */
  int chunkBytes() {
    return chunkElements() * value.bytes();
  }

  /** Returns the maximum decoded bytes of a chunk. */
  int maxChunkBytes() {
    return value.kind() == ValueType.Kind.TEXT ? MAX_TEXT_BYTES : chunkBytes();
  }

  /**
   * Returns the distance, in elements, between neighbours along each logical dimension of a decoded
   * chunk.
   */
  long[] chunkStrides() {
    long[] strides = new long[rank()];
    long step = 1;
    for (int i = rank() - 1; i >= 0; i--) {
      strides[chunkOrder[i]] = step;
      step *= chunk[chunkOrder[i]];
    }
    return strides;
  }

  /** Returns the shape of one object: the shard, or the chunk. */
  int[] objectShape() {
    return shard == null ? chunk : shard.shape();
  }

  /** Returns lengths by dimension as an extent in pixels. */
  Extent extent(int[] lengths, Axes axes) {
    long[] longs = Arrays.stream(lengths).asLongStream().toArray();
    return new Extent(
        (int) axes.length(Axis.N, longs),
        (int) axes.length(Axis.Y, longs),
        (int) axes.length(Axis.X, longs));
  }

  static int[] identityOrder(int rank) {
    return IntStream.range(0, rank).toArray();
  }

  String describeCodecs() {
    String text = codecs.stream().map(ByteCodec::describe).collect(Collectors.joining(", "));
    return text.isEmpty() ? "none" : text;
  }

  /** Returns everything that readers use to find and decode chunks, by name. */
  Map<String, String> describe() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("format", "v" + format);
    fields.put("shape", Arrays.toString(shape));
    fields.put("type", value.isNumber() ? type().toString() : ValueTypes.v2(value));
    fields.put("byte order", byteOrder.toString());
    fields.put("chunks", Arrays.toString(chunk));
    fields.put("order in chunks", Arrays.toString(chunkOrder));
    Sharding sharding = shard;
    if (sharding != null) {
      fields.put("shards", Arrays.toString(sharding.shape()));
      fields.put("order in shards", Arrays.toString(sharding.order()));
      fields.put("index", sharding.indexAtEnd() ? "at end" : "at start");
      fields.put("checksum of index", Boolean.toString(sharding.indexChecksum()));
    }
    fields.put("codecs", describeCodecs());
    fields.put("fill value", fillGiven ? HexFormat.of().formatHex(fill) + fillText : "none");
    fields.put("keys", (keys.prefixed() ? "c" : "") + keys.separator());
    fields.put("dimensions", String.valueOf(dimensionNames));
    return fields;
  }

  /**
   * Returns whether the fill value, which chunks that are not stored hold, is the nodata number.
   */
  boolean fillIs(@Nullable Nodata nodata) {
    return nodata != null && nodata.isAt(fill, 0, byteOrder);
  }
}
