package org.pointwise.format.npz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/** An object, read through a window. Confined to one thread. */
final class StoreChannel implements SeekableByteChannel {
  private static final int WINDOW = 1 << 18;

  private final ByteStore store;
  private final String key;
  private final long size;
  private final Bytes window = new Bytes();
  private long windowAt;
  private long position;
  private boolean open = true;

  StoreChannel(ByteStore store, String key, long size) {
    this.store = store;
    this.key = key;
    this.size = size;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (position >= size) {
      return -1;
    }
    if (position < windowAt || position >= windowAt + window.length()) {
      fill();
    }
    int from = (int) (position - windowAt);
    int count = Math.min(into.remaining(), window.length() - from);
    into.put(window.array(), from, count);
    position += count;
    return count;
  }

  /** The directory lies at the end and is read from there backwards, members forwards. */
  private void fill() throws IOException {
    long from = position < windowAt ? Math.max(0, position - WINDOW / 2) : position;
    from = Math.max(0, Math.min(from, size - WINDOW));
    int length = (int) Math.min(WINDOW, size - from);
    if (!store.read(key, from, length, window)) {
      throw new IOException(key + " vanished");
    }
    windowAt = from;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) {
    if (to < 0) {
      throw new IllegalArgumentException("a place before the file's begin");
    }
    position = to;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long to) {
    throw new NonWritableChannelException();
  }
}
