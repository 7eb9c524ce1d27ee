package org.pointwise.format.zarr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.StoredState;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectHash;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Determines the state of the stored objects of a feature array. Confined to one thread. */
final class ZarrObjectChecker implements ObjectChecker {
  private static final String TEMPORARY_SUFFIX = ".tmp";

  private final ZarrArray array;
  private final Axes axes;
  private final Grid objects;
  private final Extent chunk;
  private final long[] grid; // objects along each dimension

  /**
   * @param images the number of images that the array is to hold; more than its metadata records
   *     while the array grows
   */
  ZarrObjectChecker(ZarrArray array, Axes axes, long images) {
    this.array = array;
    this.axes = axes;
    ArrayMetadata metadata = array.metadata();
    FeatureShape shape = FeatureShape.of(array.uri(), metadata.shape(), axes);
    FeatureShape planned = new FeatureShape(images, shape.y(), shape.x(), shape.c());
    this.objects = Grid.over(planned, metadata.extent(metadata.objectShape(), axes));
    this.chunk = metadata.extent(metadata.chunk(), axes);
    this.grid = new long[metadata.rank()];
    for (int d = 0; d < grid.length; d++) {
      Axis axis = axes.order().get(d);
      long length = axis == Axis.N ? images : metadata.shape()[d];
      grid[d] = Grid.ceil(length, metadata.objectShape()[d]);
    }
  }

  @Override
  public Grid objects() {
    return objects;
  }

  /** Returns the heap in bytes for an index, and for a chunk and its decoded form. */
  @Override
  public long heapBytes() {
    long decoded = array.type().bytes();
    for (long length : array.metadata().chunk()) {
      decoded = Math.multiplyExact(decoded, length);
    }
    return 4L * decoded + (array.metadata().shard() == null ? 0 : 4L * indexBytes());
  }

  private long[] position(long ordinal) {
    return axes.position(objects.box(ordinal), objects.tile(), 0);
  }

  @Override
  public String key(long ordinal) {
    return ByteStore.join(array.path(), array.metadata().keys().key(position(ordinal)));
  }

  @Override
  public Finding check(long ordinal, Expected expected, boolean deep) throws IOException {
    String key = key(ordinal);
    long size = array.store().size(key);
    if (size < 0) {
      StoredState state = expected.bytes() == 0 ? StoredState.EMPTY : StoredState.NEVER_WRITTEN;
      return new Finding(state, "");
    }
    boolean known = expected.bytes() > 0;
    ShardIndex.Cache indexes = new ShardIndex.Cache();
    try {
      if (array.metadata().shard() != null) {
        ShardIndex index = indexes.get(key, array.metadata(), array.store());
        if (index != null && index.end() + indexBytes() != size) {
          return torn("its chunks end at byte %d of %d".formatted(index.end(), size));
        }
      } else if (known && size < expected.bytes()) {
        return torn("it has %d bytes but %d were written".formatted(size, expected.bytes()));
      }
      if (deep && size == expected.bytes()) { // any other length is foreign
        decode(ordinal, indexes);
      }
    } catch (CorruptDataException e) {
      boolean shorter = known ? size < expected.bytes() : !deep;
      return new Finding(
          shorter ? StoredState.TORN : StoredState.CORRUPT, String.valueOf(e.getMessage()));
    }
    if (expected.bytes() != UNKNOWN && size != expected.bytes()) {
      return new Finding(
          StoredState.FOREIGN,
          "it has %d bytes but this plan stored %d".formatted(size, expected.bytes()));
    }
    if (expected.hash() == null) {
      return new Finding(
          StoredState.UNPROVEN,
          "no receipt has its hash; run the same command again, or drop an append that has not ended; where that refuses, --overwrite makes all of the output again and needs all inputs");
    }
    return deep ? compared(key, size, expected.hash()) : new Finding(StoredState.WHOLE, "");
  }

  private static Finding torn(String detail) {
    return new Finding(StoredState.TORN, detail);
  }

  private int indexBytes() {
    return ShardIndex.chunksPerShard(array.metadata()) * ShardIndex.ENTRY_BYTES + Crc32cCodec.BYTES;
  }

  private void decode(long ordinal, ShardIndex.Cache indexes) throws IOException {
    ChunkReader reader = array.chunks(indexes);
    List<Box> chunks = new ArrayList<>();
    objects.box(ordinal).split(chunk, chunks::add);
    for (Box box : chunks) {
      reader.read(axes.position(box, chunk, 0));
    }
  }

  /** Compares the SHA-256 of the object with that of the bytes that were stored. */
  private Finding compared(String key, long size, ObjectHash hash) throws IOException {
    String sha256 = ObjectHash.sha256(array.store(), key, size, new Bytes());
    if (sha256 == null) {
      return new Finding(StoredState.NEVER_WRITTEN, "it vanished while it was being read");
    }
    if (hash.equals(ObjectHash.ofHex(sha256))) {
      return new Finding(StoredState.WHOLE, "");
    }
    // If all chunks have passed their own checksums, the object is foreign, not damaged.
    boolean proven = array.metadata().codecs().contains(new Crc32cCodec());
    return new Finding(
        proven ? StoredState.FOREIGN : StoredState.CORRUPT,
        "its SHA-256 is %s but one that begins with %s was stored".formatted(sha256, hash));
  }

  @Override
  public List<String> leftOvers(long ordinal) throws IOException {
    ArrayMetadata.KeyEncoding keys = array.metadata().keys();
    long[] position = position(ordinal);
    List<String> found = new ArrayList<>();
    if (keys.separator() != '/') {
      if (ordinal == 0) {
        for (String name : array.store().list(array.path())) {
          if (!name.startsWith(".z") && !name.equals("zarr.json") && !isFlatKey(name)) {
            found.add(ByteStore.join(array.path(), name));
          }
        }
      }
      return found;
    }
    String folder = ByteStore.join(array.path(), keys.prefixed() ? "c" : "");
    for (int d = 0; d < grid.length; d++) {
      if (Arrays.stream(position, d, grid.length).allMatch(p -> p == 0)) {
        for (String name : array.store().list(folder)) {
          if (!isIndexBelow(name, grid[d])
              && !(d == 0 && !keys.prefixed() && name.startsWith(".z"))) {
            found.add(ByteStore.join(folder, name));
          }
        }
      }
      folder = ByteStore.join(folder, Long.toString(position[d]));
    }
    return found;
  }

  private boolean isFlatKey(String name) {
    String[] parts = name.split("\\.", -1);
    if (name.endsWith(TEMPORARY_SUFFIX) || parts.length != grid.length) {
      return false;
    }
    for (int d = 0; d < parts.length; d++) {
      if (!isIndexBelow(parts[d], grid[d])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIndexBelow(String name, long count) {
    try {
      long index = Long.parseLong(name);
      return index >= 0 && index < count && name.equals(Long.toString(index));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
