package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

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
    return new WholeArray(this, MAX_WHOLE_BYTES).read();
  }
}
