package org.pointwise.format.npy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.function.LongFunction;
import org.pointwise.format.FeatureSink;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;

/** Writes one {@code .npy} file for each image, or for each input file; a file is one chunk. */
final class NpySink implements FeatureSink {
  private final ByteStore store;
  private final String folder;
  private final LongFunction<String> names;
  private final Axes axes;
  private final int channels;
  private final ElementType type;

  /**
   * @param names of the file that begins with an image
   * @param axes of one file
   */
  public NpySink(
      ByteStore store,
      String folder,
      LongFunction<String> names,
      Axes axes,
      int channels,
      ElementType type) {
    this.store = store;
    this.folder = folder;
    this.names = names;
    this.axes = axes;
    this.channels = channels;
    this.type = type;
  }

  @Override
  public String key(Box box) {
    return ByteStore.join(folder, names.apply(box.n0()));
  }

  private long[] shape(Box box) {
    return axes.order().stream()
        .mapToLong(
            axis ->
                switch (axis) {
                  case N -> box.n();
                  case Y -> box.y();
                  case X -> box.x();
                  case C -> channels;
                })
        .toArray();
  }

  @Override
  public Writer writer() {
    return new FileWriter();
  }

  private final class FileWriter implements Writer {
    private byte[] file = {};
    private int length;
    private int dataOffset;
    private Box box = new Box(0, 1, 0, 1, 0, 1);

    @Override
    public void begin(Box box) {
      this.box = box;
      byte[] header = NpyHeader.encode(type, shape(box));
      dataOffset = header.length;
      length = Math.toIntExact(Math.addExact(dataOffset, box.pixels() * channels * type.bytes()));
      if (file.length < length) {
        file = new byte[0]; // never two at once
        file = new byte[length];
      }
      System.arraycopy(header, 0, file, 0, dataOffset);
    }

    @Override
    public ChannelBlock chunk(Box chunk) {
      long[] shape = shape(chunk);
      long[] strides = new long[shape.length];
      long step = 1;
      for (int d = shape.length - 1; d >= 0; d--) {
        strides[d] = step;
        step *= shape[d];
      }
      return ChannelBlock.of(
          file, dataOffset, type, ByteOrder.LITTLE_ENDIAN, axes, strides, 0, channels);
    }

    /** A file has no missing chunks: nodata is NaN. */
    @Override
    public void skipChunk() {
      for (int at = dataOffset; at < length; at += type.bytes()) {
        Elements.putFloat(file, at, type, Float.NaN);
      }
    }

    @Override
    public void endChunk() {
      // The chunk was written in place.
    }

    @Override
    public StoredObject end() throws IOException {
      store.put(key(box), file, 0, length);
      return new StoredObject(key(box), length, Hashes.sha256(file, 0, length));
    }
  }
}
