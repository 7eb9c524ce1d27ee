package org.pointwise.format.zarr;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.tensor.ElementAccess;

/**
 * The index of one shard: offset and length of each chunk, with all bits set for a missing chunk
 * (Zarr v3 {@code sharding_indexed}, "Binary shard format"). Immutable.
 */
final class ShardIndex {
  static final int ENTRY_BYTES = 16;
  private static final long MISSING = -1L;

  private final ArrayMetadata metadata;
  private final byte[] entries;
  private final String where;
  private final long objectBytes;

  private ShardIndex(ArrayMetadata metadata, byte[] entries, String where, long objectBytes) {
    this.metadata = metadata;
    this.entries = entries;
    this.where = where;
    this.objectBytes = objectBytes;
  }

  static int chunksPerShard(ArrayMetadata metadata) {
    int count = 1;
    for (int d = 0; d < metadata.rank(); d++) {
      count *= metadata.objectShape()[d] / metadata.chunk()[d];
    }
    return count;
  }

  /**
   * Reads and checks the index of a shard.
   *
   * @return null if there is no such object
   */
  static @Nullable ShardIndex read(ArrayMetadata metadata, ByteStore store, String key)
      throws IOException {
    long size = store.size(key);
    if (size < 0) {
      return null;
    }
    ArrayMetadata.Sharding sharding = Objects.requireNonNull(metadata.shard());
    String where = store.uri() + "/" + key;
    int entryBytes = chunksPerShard(metadata) * ENTRY_BYTES;
    int length = entryBytes + (sharding.indexChecksum() ? Crc32cCodec.BYTES : 0);
    if (size < length) {
      throw new CorruptDataException(
          "Cannot read shard %s: it has %d bytes but its index alone needs %d; it is truncated, restore it or write it again"
              .formatted(where, size, length));
    }
    Bytes bytes = new Bytes();
    try {
      if (!store.read(key, sharding.indexAtEnd() ? size - length : 0, length, bytes)) {
        throw new FileNotFoundException(where + " was deleted while it was read");
      }
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read shard %s: %s".formatted(where, e.getMessage()), e);
    }
    byte[] array = bytes.toArray();
    if (sharding.indexChecksum()) {
      try {
        new Crc32cCodec().decode(new Slice(array, 0, length), length, bytes);
      } catch (ByteCodec.DecodingException e) {
        throw new CorruptDataException(
            "Cannot read the index of shard %s: %s; the shard is truncated or damaged, restore it or write it again"
                .formatted(where, e.getMessage()),
            e);
      }
    }
    return new ShardIndex(metadata, array, where, size);
  }

  /** Returns the entry of a chunk at a position in the array's grid of chunks. */
  int entry(long[] chunk) {
    int entry = 0;
    for (int d : Objects.requireNonNull(metadata.shard()).order()) {
      int chunks = metadata.objectShape()[d] / metadata.chunk()[d];
      entry = entry * chunks + (int) (chunk[d] % chunks);
    }
    return entry;
  }

  int entries() {
    return chunksPerShard(metadata);
  }

  boolean isMissing(int entry) {
    return longAt(entry * ENTRY_BYTES) == MISSING && longAt(entry * ENTRY_BYTES + 8) == MISSING;
  }

  long offset(int entry) {
    return checked(entry, longAt(entry * ENTRY_BYTES));
  }

  int length(int entry) {
    return (int) checked(entry, longAt(entry * ENTRY_BYTES + 8));
  }

  /** Returns the position after the last byte of any chunk. Checks every entry. */
  long end() {
    long end = 0;
    for (int entry = 0; entry < entries(); entry++) {
      if (!isMissing(entry)) {
        end = Math.max(end, offset(entry) + length(entry));
      }
    }
    return end;
  }

  long objectBytes() {
    return objectBytes;
  }

  private long checked(int entry, long value) {
    long offset = longAt(entry * ENTRY_BYTES);
    long length = longAt(entry * ENTRY_BYTES + 8);
    if (offset < 0
        || length < 0
        || length > ArrayMetadata.MAX_CHUNK_BYTES
        || offset > objectBytes - length) {
      throw new CorruptDataException(
          "Cannot read shard %s: its index places chunk %d at %s, %s bytes long, but the object has %d; restore it or write it again"
              .formatted(
                  where,
                  entry,
                  Long.toUnsignedString(offset),
                  Long.toUnsignedString(length),
                  objectBytes));
    }
    return value;
  }

  private long longAt(int offset) {
    return ElementAccess.longAt(entries, offset, ByteOrder.LITTLE_ENDIAN);
  }

  /** A cache of the most recently used indexes. Confined to one thread. */
  static final class Cache {
    private static final int MAX = 64;

    private final Map<String, ShardIndex> indexes =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, ShardIndex> eldest) {
            return size() > MAX;
          }
        };

    @Nullable ShardIndex get(String key, ArrayMetadata metadata, ByteStore store)
        throws IOException {
      ShardIndex index = indexes.get(key);
      if (index == null) {
        index = read(metadata, store, key);
        if (index != null) {
          indexes.put(key, index);
        }
      }
      return index;
    }
  }
}
