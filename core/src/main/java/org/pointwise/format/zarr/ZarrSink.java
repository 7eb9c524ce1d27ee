package org.pointwise.format.zarr;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.pointwise.tensor.Extent;

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
    private Box step = box; // the box of chunks that was returned last
    private byte[] several = new byte[0]; // its pixels, if it has several chunks

    @Override
    public void begin(Box box) {
      this.box = box;
      object.begin(key(box));
      Arrays.fill(index, (byte) -1);
    }

    @Override
    public ChannelBlock chunk(Box chunks) {
      step = chunks;
      boolean one = isOne(chunks);
      if (one) {
        fillBeyond(chunks);
      } else {
        int bytes = Math.toIntExact(chunks.pixels() * layout.shape().c() * layout.type().bytes());
        several = several.length < bytes ? new byte[bytes] : several;
      }
      return one ? block(raw, strides) : block(several, strides(chunks));
    }

    private ChannelBlock block(byte[] bytes, long[] blockStrides) {
      return ChannelBlock.of(
          bytes,
          0,
          layout.type(),
          ByteOrder.LITTLE_ENDIAN,
          layout.axes(),
          blockStrides,
          0,
          layout.shape().c());
    }

    private boolean isOne(Box chunks) {
      Extent chunk = layout.chunk();
      return chunks.n() <= chunk.n() && chunks.y() <= chunk.y() && chunks.x() <= chunk.x();
    }

    /** Returns the strides of a box that is stored alone. */
    private long[] strides(Box chunks) {
      int[] lengths = lengths(chunks);
      long[] result = new long[lengths.length];
      long stride = 1;
      for (int d = lengths.length - 1; d >= 0; d--) {
        result[d] = stride;
        stride *= lengths[d];
      }
      return result;
    }

    private int[] lengths(Box chunks) {
      return layout.axes().order().stream()
          .mapToInt(
              axis ->
                  switch (axis) {
                    case N -> chunks.n();
                    case Y -> chunks.y();
                    case X -> chunks.x();
                    case C -> layout.shape().c();
                  })
          .toArray();
    }

    /** Fills the part of a chunk that lies beyond the array. */
    private void fillBeyond(Box chunk) {
      if (chunk.pixels() < layout.chunk().pixels()) {
        for (int at = 0; at < raw.length; at += layout.type().bytes()) {
          ElementAccess.putFloat(raw, at, layout.type(), Float.NaN);
        }
      }
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
      if (isOne(step)) {
        encode(step);
        return;
      }
      try {
        step.split(layout.chunk(), this::encodePart);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    /** Encodes one chunk of a step of several chunks. */
    private void encodePart(Box chunk) {
      fillBeyond(chunk);
      ChannelBlock first =
          block(several, strides(step))
              .startingAt(chunk.n0() - step.n0(), chunk.y0() - step.y0(), chunk.x0() - step.x0());
      ChunkCopy.copy(
          several,
          first.offset(),
          strides(step),
          raw,
          0,
          strides,
          lengths(chunk),
          layout.type().bytes());
      try {
        encode(chunk);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void encode(Box chunk) throws IOException {
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
        int entry = entry(chunk);
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
