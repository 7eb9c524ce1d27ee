package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * Stored chunks of one shard that were fetched by one request, before they are asked for. Confined
 * to one thread.
 */
final class Prefetch {
  /** Stored bytes that are held at most. */
  static final int MAX_BYTES = 8 << 20;

  private record Range(int entry, long offset, int length) {}

  private final ArrayMetadata metadata;
  private final ByteStore store;
  private final ShardIndex.Cache indexes = new ShardIndex.Cache();
  private final Map<Integer, Bytes> held = new HashMap<>();
  private final List<Range> wanted = new ArrayList<>();
  private String key = "";
  private long bytes;

  Prefetch(ArrayMetadata metadata, ByteStore store) {
    this.metadata = metadata;
    this.store = store;
  }

  ShardIndex.Cache indexes() {
    return indexes;
  }

  /** Forgets what is held. */
  void begin() {
    held.clear();
    wanted.clear();
    key = "";
    bytes = 0;
  }

  /**
   * Asks for the chunks of a cell too; false, and nothing changes, where they lie in another shard
   * or would be too many.
   */
  boolean offer(String path, long[][] chunks) throws IOException {
    List<Range> ranges = new ArrayList<>();
    long more = 0;
    String shard =
        ByteStore.join(path, metadata.keys().key(ChunkReader.objectOf(metadata, chunks[0])));
    if (!key.isEmpty() && !key.equals(shard)) {
      return false;
    }
    ShardIndex index = indexes.get(shard, metadata, store);
    for (long[] chunk : chunks) {
      String other =
          ByteStore.join(path, metadata.keys().key(ChunkReader.objectOf(metadata, chunk)));
      if (!other.equals(shard)) {
        return false; // channels lie in several shards
      }
      int entry = index == null ? 0 : index.entry(chunk);
      if (index != null && !index.isMissing(entry)) {
        ranges.add(new Range(entry, index.offset(entry), index.length(entry)));
        more += index.length(entry);
      }
    }
    if (bytes + more > MAX_BYTES) {
      return false;
    }
    key = shard;
    bytes += more;
    wanted.addAll(ranges);
    return true;
  }

  /** Fetches what was asked for. */
  void end() throws IOException {
    if (wanted.size() < 2) {
      return; // the plain way does as well
    }
    long[] offsets = wanted.stream().mapToLong(Range::offset).toArray();
    int[] lengths = wanted.stream().mapToInt(Range::length).toArray();
    Bytes[] into = new Bytes[lengths.length];
    for (int i = 0; i < into.length; i++) {
      into[i] = new Bytes();
    }
    try {
      if (store.read(key, offsets, lengths, into)) {
        for (int i = 0; i < into.length; i++) {
          held.put(wanted.get(i).entry(), into[i]);
        }
      }
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read shard %s/%s: %s; it is truncated, restore it or write it again"
              .formatted(store.uri(), key, e.getMessage()),
          e);
    }
  }

  /** The stored bytes of a chunk, once; null where they were not fetched. */
  @Nullable Bytes take(String shard, int entry) {
    return shard.equals(key) ? held.remove(entry) : null;
  }
}
