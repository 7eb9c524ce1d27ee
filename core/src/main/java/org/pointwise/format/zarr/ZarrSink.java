package org.pointwise.format.zarr;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.pointwise.format.FeatureSink;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;

/** Writes the objects of one Zarr array: shards with their index, or single chunks. */
final class ZarrSink implements FeatureSink {
  private final ByteStore store;
  private final ZarrLayout layout;
  private final ArrayMetadata metadata;

  public ZarrSink(ByteStore store, ZarrLayout layout) {
    this.store = store;
    this.layout = layout;
    this.metadata = layout.metadata();
  }

  @Override
  public List<String> keys(Box box) {
    return List.of(key(box));
  }

  private String key(Box box) {
    long[] position = layout.axes().position(box, layout.shard(), 0);
    return ByteStore.join(layout.path(), metadata.keys().key(position));
  }

  @Override
  public Writer writer() {
    return new ObjectWriter();
  }

  private final class ObjectWriter implements Writer {
    private final long[] strides = metadata.chunkStrides();
    private final byte[] raw = new byte[metadata.chunkBytes()];
    private final ObjectAssembly object = new ObjectAssembly(store);
    private final Bytes[] stages = {new Bytes(), new Bytes()};
    private final byte[] index =
        new byte[layout.sharded() ? ShardIndex.chunksPerShard(metadata) * 16 : 0];
    private Box box = layout.shape().box();
    private int entry;

    @Override
    public void begin(Box box) {
      this.box = box;
      object.begin(key(box));
      Arrays.fill(index, (byte) -1);
    }

    @Override
    public ChannelBlock chunk(Box chunk) {
      entry = layout.sharded() ? entry(chunk) : 0;
      if (chunk.pixels() < layout.chunk().pixels()) {
        for (int at = 0; at < raw.length; at += layout.type().bytes()) {
          ElementAccess.putFloat(raw, at, layout.type(), Float.NaN);
        }
      }
      return ChannelBlock.of(
          raw,
          0,
          layout.type(),
          ByteOrder.LITTLE_ENDIAN,
          layout.axes(),
          strides,
          0,
          layout.shape().c());
    }

    /** Returns the row-major position of a chunk within the shard. */
    private int entry(Box chunk) {
      long[] inArray = layout.axes().position(chunk, layout.chunk(), 0);
      int entry = 0;
      for (int d = 0; d < inArray.length; d++) {
        int chunks = metadata.objectShape()[d] / metadata.chunk()[d];
        entry = entry * chunks + (int) (inArray[d] % chunks);
      }
      return entry;
    }

    @Override
    public void skipChunk() {
      // Readers take an index entry of all ones and an absent object as missing chunks.
    }

    @Override
    public void endChunk() throws IOException {
      long from = object.length();
      Slice slice = new Slice(raw, 0, raw.length);
      int last = metadata.codecs().size() - 1;
      for (int i = 0; i < last; i++) {
        stages[i % 2].resize(0);
        metadata.codecs().get(i).encode(slice, stages[i % 2]);
        slice = new Slice(stages[i % 2].array(), 0, stages[i % 2].length());
      }
      if (last < 0) {
        object.tail().append(raw, 0, raw.length);
      } else {
        metadata.codecs().get(last).encode(slice, object.tail());
      }
      if (layout.sharded()) {
        ElementAccess.putLong(index, entry * ShardIndex.ENTRY_BYTES, from);
        ElementAccess.putLong(index, entry * ShardIndex.ENTRY_BYTES + 8, object.length() - from);
        object.settle(); // a bare chunk is stored when it ends
      }
    }

    @Override
    public List<StoredObject> end() throws IOException {
      String key = key(box);
      if (object.length() == 0) {
        return List.of(new StoredObject(key, 0, null));
      }
      if (layout.sharded()) {
        new Crc32cCodec().encode(new Slice(index, 0, index.length), object.tail());
      }
      long length = object.length();
      return List.of(new StoredObject(key, length, object.end()));
    }

    @Override
    public void abort() {
      object.abort();
    }
  }
}
