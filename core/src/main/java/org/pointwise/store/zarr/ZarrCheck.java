package org.pointwise.store.zarr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Checks the stored objects of a feature array byte for byte. Confined to one thread. */
public final class ZarrCheck {
  private final ZarrArray array;
  private final Axes axes;
  private final Grid objects;
  private final Extent chunk;

  public ZarrCheck(ZarrArray array, Axes axes) {
    this.array = array;
    this.axes = axes;
    ArrayMetadata metadata = array.metadata();
    FeatureShape shape = ArrayInfo.shape(array.uri(), metadata.shape(), axes);
    this.objects = Grid.over(shape, metadata.extent(metadata.objectShape(), axes));
    this.chunk = metadata.extent(metadata.chunk(), axes);
  }

  /** The grid of objects, numbered as the plan numbers its shards. */
  public Grid objects() {
    return objects;
  }

  /** Whether chunks carry a checksum that {@link #check} compares. */
  public boolean checksummed() {
    return array.metadata().codecs().contains(new Crc32cCodec());
  }

  /** The key of an object in its store. */
  public String key(long ordinal) {
    return ByteStore.join(
        array.path(),
        array.metadata().keys().key(axes.position(objects.box(ordinal), objects.cell(), 0)));
  }

  /**
   * Reads an object whole: its index, the bounds of its chunks, their checksums and their decoded
   * length.
   *
   * @return its length; −1 when there is no such object
   * @throws CorruptDataException when anything is wrong; the message says what
   */
  public long check(long ordinal) throws IOException {
    String key = key(ordinal);
    long size = array.store().size(key);
    if (size < 0) {
      return -1;
    }
    ShardIndex.Cache indexes = new ShardIndex.Cache();
    if (array.metadata().shard() != null) {
      ShardIndex index = Objects.requireNonNull(indexes.get(key, array.metadata(), array.store()));
      index.end();
    }
    ChunkReader reader = array.chunks(indexes);
    List<Box> chunks = new ArrayList<>();
    objects.box(ordinal).split(chunk, chunks::add);
    for (Box box : chunks) {
      reader.read(axes.position(box, chunk, 0));
    }
    return size;
  }
}
