package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.ValueType;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * Fetches and decodes chunks of one array. Confined to one thread. A result lies in the buffers of
 * this reader until the next call.
 */
final class ChunkReader {
  private final ArrayMetadata metadata;
  private final ByteStore store;
  private final String path;
  private final ShardIndex.Cache indexes;
  private final @Nullable Prefetch prefetch;
  private final Bytes own = new Bytes();
  private Bytes encoded = own;
  private final Bytes[] stages = {new Bytes(), new Bytes()};

  /**
   * @param indexes shared by the readers of one thread, so that a shard's index is read once
   * @param prefetch the chunks that may already be fetched
   */
  ChunkReader(
      ArrayMetadata metadata,
      ByteStore store,
      String path,
      ShardIndex.Cache indexes,
      @Nullable Prefetch prefetch) {
    this.prefetch = prefetch;
    this.metadata = metadata;
    this.store = store;
    this.path = path;
    this.indexes = indexes;
  }

  /** Returns the stored bytes of the chunk that was read last. */
  int storedBytes() {
    return encoded.length();
  }

  /**
   * Returns the decoded chunk, {@link ArrayMetadata#chunkBytes} long unless it holds texts of
   * variable length.
   *
   * @param chunk the position in the grid of chunks
   * @return null if the chunk was never written
   */
  @Nullable Slice read(long[] chunk) throws IOException {
    String key = ByteStore.join(path, metadata.keys().key(objectOf(metadata, chunk)));
    try {
      boolean found =
          metadata.shard() == null
              ? store.read(key, encoded, maxEncoded())
              : readFromShard(key, chunk);
      if (!found) {
        encoded = own;
        encoded.resize(0);
        return null;
      }
      return decode();
    } catch (ByteCodec.DecodingException e) {
      throw new CorruptDataException(
          "Cannot decode chunk %s of %s/%s: %s; restore the object or write it again"
              .formatted(Arrays.toString(chunk), store.uri(), key, e.getMessage()),
          e);
    } catch (ByteStore.TooLongException e) {
      throw new CorruptDataException(
          "Cannot read chunk %s: %s; restore the object or write it again"
              .formatted(Arrays.toString(chunk), e.getMessage()),
          e);
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read chunk %s: %s; the object is truncated, restore it or write it again"
              .formatted(Arrays.toString(chunk), e.getMessage()),
          e);
    }
  }

  /**
   * Returns whether a chunk is stored. Checks only that its object exists, or its entry in the
   * shard index.
   */
  boolean stored(long[] chunk) throws IOException {
    String key = ByteStore.join(path, metadata.keys().key(objectOf(metadata, chunk)));
    if (metadata.shard() == null) {
      return store.size(key) >= 0;
    }
    ShardIndex index = indexes.get(key, metadata, store);
    return index != null && !index.isMissing(index.entry(chunk));
  }

  /**
   * Returns the maximum encoded bytes of a valid chunk. Codecs may lengthen incompressible data.
   */
  private int maxEncoded() {
    return (int) Math.min(Integer.MAX_VALUE - 8L, metadata.maxChunkBytes() * 5L / 4 + 65536);
  }

  /** Returns the position of the object that holds a chunk. */
  static long[] objectOf(ArrayMetadata metadata, long[] chunk) {
    if (metadata.shard() == null) {
      return chunk;
    }
    long[] object = new long[chunk.length];
    for (int d = 0; d < chunk.length; d++) {
      object[d] = chunk[d] / (metadata.shard().shape()[d] / metadata.chunk()[d]);
    }
    return object;
  }

  private boolean readFromShard(String key, long[] chunk) throws IOException {
    ShardIndex index = indexes.get(key, metadata, store);
    if (index == null) {
      return false;
    }
    int entry = index.entry(chunk);
    if (index.isMissing(entry)) {
      return false;
    }
    Bytes fetched = prefetch == null ? null : prefetch.take(key, entry);
    encoded = fetched == null ? own : fetched;
    if (fetched != null) {
      return true;
    }
    if (!store.read(key, index.offset(entry), index.length(entry), encoded)) {
      throw new IOException("%s/%s vanished while it was being read".formatted(store.uri(), key));
    }
    return true;
  }

  private Slice decode() throws ByteCodec.DecodingException {
    List<ByteCodec> codecs = metadata.codecs();
    int most = metadata.maxChunkBytes();
    boolean exact = metadata.value().kind() != ValueType.Kind.TEXT;
    Slice slice = new Slice(encoded.array(), 0, encoded.length());
    for (int i = codecs.size() - 1; i >= 0; i--) {
      int max = i == 0 ? most : maxEncoded();
      slice = codecs.get(i).decode(slice, max, stages[i % 2]);
    }
    if (exact ? slice.length() != most : slice.length() > most) {
      throw new ByteCodec.DecodingException(
          "it decodes to %d bytes but %d were expected".formatted(slice.length(), most));
    }
    return slice;
  }
}
