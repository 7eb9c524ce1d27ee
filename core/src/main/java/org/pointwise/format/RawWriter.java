package org.pointwise.format;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ObjectAssembly;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/**
 * Writes files of little-endian numbers in C order, preceded by an optional header. If the chunks
 * of a file come in the order of its bytes, they are sent on as they come. Otherwise, a temporary
 * file on this machine puts the numbers in order.
 */
public abstract class RawWriter implements FeatureSink.Writer {
  private final Axes axes;
  private final int channels;
  private final ElementType type;
  private final ObjectAssembly file;
  private FileOrder order;
  private String key = "";
  private Box current = new Box(0, 1, 0, 1, 0, 1); // the current chunk
  private long written; // elements appended so far
  private @Nullable Spool spool;

  /**
   * @param axes the axes of one file
   */
  protected RawWriter(ByteStore store, Axes axes, int channels, ElementType type) {
    this.axes = axes;
    this.channels = channels;
    this.type = type;
    this.file = new ObjectAssembly(store);
    this.order = new FileOrder(axes, channels, current);
  }

  /** Returns the key of the file that holds {@code box}. */
  protected abstract String key(Box box);

  /**
   * Returns the bytes before the numbers of a file.
   *
   * @param lengths the lengths of the file's axes
   */
  protected byte[] head(long[] lengths) {
    return new byte[0];
  }

  @Override
  public void begin(Box box) {
    order = new FileOrder(axes, channels, box);
    key = key(box);
    written = 0;
    closeSpool();
    file.begin(key);
    byte[] head = head(order.lengths());
    file.tail().append(head, 0, head.length);
  }

  /** Returns a block in the file's buffer, after the bytes that are held. */
  @Override
  public final ChannelBlock chunk(Box chunk) {
    current = chunk;
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
    return Math.toIntExact(Math.multiplyExact(current.pixels(), (long) channels * type.bytes()));
  }

  /** Writes NaN, because a file cannot leave out chunks. */
  @Override
  public final void skipChunk() throws IOException {
    int from = file.tail().length();
    int end = from + bytes();
    for (int i = from; i < end; i += type.bytes()) {
      ElementAccess.putFloat(file.tail().array(), i, type, Float.NaN);
    }
    endChunk();
  }

  @Override
  public final void endChunk() throws IOException {
    if (written == 0 && spool == null && !order.sequential(current)) {
      spool = new Spool(type.bytes());
    }
    if (spool != null) {
      spool.write(order, current, file.tail().array(), file.tail().length());
      return;
    }
    if (order.first(current) != written) {
      throw new IllegalArgumentException("Cannot write %s next to %s".formatted(current, key));
    }
    written += current.pixels() * channels;
    file.tail().advance(bytes());
    if (!current.equals(order.file())) {
      file.settle(); // a whole file is stored when it ends
    }
  }

  @Override
  public List<FeatureSink.StoredObject> end() throws IOException {
    if (spool != null) {
      spool.copy(file);
      closeSpool();
    }
    long length = file.length();
    return List.of(new FeatureSink.StoredObject(key, length, file.end()));
  }

  @Override
  public final void abort() {
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
