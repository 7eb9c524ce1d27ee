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

/** Holds stored chunks of one shard that one request fetched in advance. Confined to one thread. */
final class Prefetch {
  /** Maximum stored bytes that are held. */
  static final int MAX_BYTES = 8 << 20;

  private record Range(int entry, long offset, int length) {}

  private final ArrayMetadata metadata;
  private final ByteStore store;
  private final ShardIndex.Cache indexes = new ShardIndex.Cache();
  private final Map<Integer, Bytes> fetched = new HashMap<>();
  private final List<Range> requested = new ArrayList<>();
  private String key = "";
  private long bytes;

  Prefetch(ArrayMetadata metadata, ByteStore store) {
    this.metadata = metadata;
    this.store = store;
  }

  ShardIndex.Cache indexes() {
    return indexes;
  }

  /** Discards all held chunks and requests. */
  void begin() {
    fetched.clear();
    requested.clear();
    key = "";
    bytes = 0;
  }

  /**
   * Adds the chunks of a tile to the request. Returns false, without a change, if the chunks lie in
   * another shard or in several shards, or would exceed {@link #MAX_BYTES}.
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
    requested.addAll(ranges);
    return true;
  }

  /** Fetches the requested chunks. */
  void end() throws IOException {
    if (requested.size() < 2) {
      return; // one chunk needs no joint request
    }
    long[] offsets = requested.stream().mapToLong(Range::offset).toArray();
    int[] lengths = requested.stream().mapToInt(Range::length).toArray();
    Bytes[] into = new Bytes[lengths.length];
    for (int i = 0; i < into.length; i++) {
      into[i] = new Bytes();
    }
    try {
      if (store.read(key, offsets, lengths, into)) {
        for (int i = 0; i < into.length; i++) {
          fetched.put(requested.get(i).entry(), into[i]);
        }
      }
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read shard %s/%s: %s; it is truncated, restore it or write it again"
              .formatted(store.uri(), key, e.getMessage()),
          e);
    }
  }

  /** Returns the stored bytes of a chunk and removes them; null if they were not fetched. */
  @Nullable Bytes take(String shard, int entry) {
    return shard.equals(key) ? fetched.remove(entry) : null;
  }
}
