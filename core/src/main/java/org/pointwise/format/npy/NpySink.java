package org.pointwise.format.npy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FileOrder;
import org.pointwise.format.Spool;
import org.pointwise.store.Assembly;
import org.pointwise.store.ByteStore;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;

/** Writes one {@code .npy} file for each image, or for each input file. */
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
  NpySink(
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
  public List<String> keys(Box box) {
    return List.of(key(box));
  }

  private String key(Box box) {
    return ByteStore.join(folder, names.apply(box.n0()));
  }

  @Override
  public Writer writer() {
    return new FileWriter();
  }

  /**
   * Files whose chunks come in the order of their bytes are sent on as they come; of others, the
   * numbers are put in order in a temporary file of this machine.
   */
  private final class FileWriter implements Writer {
    private final Assembly file = new Assembly(store);
    private FileOrder order = new FileOrder(axes, channels, new Box(0, 1, 0, 1, 0, 1));
    private String key = "";
    private Box at = new Box(0, 1, 0, 1, 0, 1); // the chunk at hand
    private long written; // elements that were sent on
    private @Nullable Spool spool;

    @Override
    public void begin(Box box) {
      order = new FileOrder(axes, channels, box);
      key = key(box);
      written = 0;
      closeSpool();
      file.begin(key);
      byte[] header = NpyHeader.encode(type, order.lengths());
      file.tail().append(header, 0, header.length);
    }

    /** Handed out behind what is held of the file. */
    @Override
    public ChannelBlock chunk(Box chunk) {
      at = chunk;
      byte[] bytes = file.tail().reserveExactly(bytes());
      return ChannelBlock.of(
          bytes,
          file.tail().length(),
          type,
          ByteOrder.LITTLE_ENDIAN,
          axes,
          order.strides(chunk),
          0,
          channels);
    }

    private int bytes() {
      return Math.toIntExact(Math.multiplyExact(at.pixels(), (long) channels * type.bytes()));
    }

    /** A file has no missing chunks: nodata is NaN. */
    @Override
    public void skipChunk() throws IOException {
      int from = file.tail().length();
      int end = from + bytes();
      for (int i = from; i < end; i += type.bytes()) {
        Elements.putFloat(file.tail().array(), i, type, Float.NaN);
      }
      endChunk();
    }

    @Override
    public void endChunk() throws IOException {
      if (written == 0 && spool == null && !order.sequential(at)) {
        spool = new Spool(type.bytes());
      }
      if (spool != null) {
        spool.write(order, at, file.tail().array(), file.tail().length());
        return;
      }
      if (order.first(at) != written) {
        throw new IllegalArgumentException("Cannot write %s next to %s".formatted(at, key));
      }
      written += at.pixels() * channels;
      file.tail().advance(bytes());
      if (!at.equals(order.file())) {
        file.settle(); // a whole file is put when it ends
      }
    }

    @Override
    public List<StoredObject> end() throws IOException {
      if (spool != null) {
        spool.copy(file);
        closeSpool();
      }
      long length = file.length();
      return List.of(new StoredObject(key, length, file.end()));
    }

    @Override
    public void abort() {
      file.abort();
      closeSpool();
    }

    private void closeSpool() {
      Spool used = spool;
      spool = null;
      if (used != null) {
        used.close();
      }
    }
  }
}
