package org.pointwise.format.zarr;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/** An array of any rank in a store. Small arrays can be read as a whole. Thread-safe. */
public final class ZarrArray {
  private static final long MAX_WHOLE_BYTES = 256L << 20;

  private final ByteStore store;
  private final String path;
  private final ArrayMetadata metadata;

  ZarrArray(ByteStore store, String path, ArrayMetadata metadata) {
    this.store = store;
    this.path = path;
    this.metadata = metadata;
  }

  ArrayMetadata metadata() {
    return metadata;
  }

  ByteStore store() {
    return store;
  }

  String path() {
    return path;
  }

  /** Returns store and path, for messages. */
  public String uri() {
    return ByteStore.join(store.uri(), path);
  }

  public long[] shape() {
    return metadata.shape().clone();
  }

  public ElementType type() {
    return metadata.type();
  }

  /** Returns the names as stored; null if the array names none. */
  public @Nullable List<String> dimensionNames() {
    return metadata.dimensionNames();
  }

  /** Returns the extent of a chunk in pixels. */
  public Extent chunk(Axes axes) {
    return metadata.extent(metadata.chunk(), axes);
  }

  /** Returns the extent of a stored object in pixels: a shard, or a chunk. */
  public Extent object(Axes axes) {
    return metadata.extent(metadata.objectShape(), axes);
  }

  ChunkReader chunks(ShardIndex.Cache indexes) {
    return chunks(indexes, null);
  }

  ChunkReader chunks(ShardIndex.Cache indexes, @Nullable Prefetch prefetch) {
    return new ChunkReader(metadata, store, path, indexes, prefetch);
  }

  /**
   * Returns all elements, row-major and little-endian. Missing chunks hold the fill value.
   *
   * @throws InvalidInputException if the array exceeds 256 MiB: this method is for coordinates,
   *     labels and similar arrays
   */
  public byte[] readWhole() throws IOException {
    long elements = Arrays.stream(metadata.shape()).reduce(1, Math::multiplyExact);
    int size = metadata.type().bytes();
    if (elements * size > MAX_WHOLE_BYTES) {
      throw new InvalidInputException(
          "Cannot read %s at once: it has %d bytes but at most %d are read whole"
              .formatted(uri(), elements * size, MAX_WHOLE_BYTES));
    }
    byte[] out = new byte[(int) elements * size];
    long[] counts = new long[metadata.rank()];
    long chunks = 1;
    for (int d = 0; d < counts.length; d++) {
      counts[d] =
          metadata.shape()[d] == 0 ? 0 : Grid.ceil(metadata.shape()[d], metadata.chunk()[d]);
      chunks *= counts[d];
    }
    ChunkReader reader = chunks(new ShardIndex.Cache());
    long[] chunk = new long[counts.length];
    for (long i = 0; i < chunks; i++) {
      scatter(reader.read(chunk), chunk, out);
      advance(chunk, counts);
    }
    return out;
  }

  private static void advance(long[] position, long[] counts) {
    for (int d = counts.length - 1; d >= 0; d--) {
      if (++position[d] < counts[d]) {
        return;
      }
      position[d] = 0;
    }
  }

  private void scatter(@Nullable Slice slice, long[] chunk, byte[] out) {
    int rank = metadata.rank();
    long[] within = new long[rank];
    long[] counts = new long[rank];
    long elements = 1;
    for (int d = 0; d < rank; d++) {
      long first = chunk[d] * metadata.chunk()[d];
      counts[d] = Math.min(metadata.chunk()[d], metadata.shape()[d] - first);
      elements *= counts[d];
    }
    long[] strides = metadata.chunkStrides();
    for (long e = 0; e < elements; e++) {
      long target = 0;
      long from = 0;
      for (int d = 0; d < rank; d++) {
        target = target * metadata.shape()[d] + chunk[d] * metadata.chunk()[d] + within[d];
        from += within[d] * strides[d];
      }
      byte[] source = slice == null ? metadata.fill() : slice.array();
      int at = slice == null ? 0 : slice.offset() + (int) from * metadata.type().bytes();
      copyLittleEndian(source, at, out, (int) target * metadata.type().bytes());
      advance(within, counts);
    }
  }

  private void copyLittleEndian(byte[] from, int at, byte[] to, int target) {
    int size = metadata.type().bytes();
    boolean little = metadata.byteOrder() == ByteOrder.LITTLE_ENDIAN;
    for (int b = 0; b < size; b++) {
      to[target + b] = from[at + (little ? b : size - 1 - b)];
    }
  }
}
