package org.pointwise.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * An object as a channel, for libraries that read files, with a window of 256 KiB. {@link #failure}
 * distinguishes a failure of the store from a library's failure on damaged bytes. Confined to one
 * thread.
 */
public final class ObjectChannel implements SeekableByteChannel {
  private static final int WINDOW = 1 << 18;

  private final ByteStore store;
  private final String key;
  private final long size;
  private final Bytes window = new Bytes();
  private long windowAt;
  private long position;
  private boolean open = true;
  private @Nullable IOException failure;

  /**
   * @param size of the object, in bytes
   */
  public ObjectChannel(ByteStore store, String key, long size) {
    this.store = store;
    this.key = key;
    this.size = size;
  }

  /**
   * Returns the failure of the store, or that the object became shorter; null where neither
   * occurred.
   */
  public @Nullable IOException failure() {
    return failure;
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

  /**
   * Fills the window. Libraries read backwards to find the directory of an archive; then the window
   * begins half its length before the position.
   */
  private void fill() throws IOException {
    long from = position < windowAt ? Math.max(0, position - WINDOW / 2) : position;
    int length = (int) Math.min(WINDOW, size - from);
    try {
      if (!store.read(key, from, length, window)) {
        throw new IOException(ByteStore.join(store.uri(), key) + " vanished");
      }
    } catch (IOException e) {
      window.resize(0);
      failure = e;
      throw e;
    }
    windowAt = from;
  }

  /** Returns the bytes from the position on; skipped bytes are not read. */
  public InputStream stream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return ObjectChannel.this.read(ByteBuffer.wrap(into, from, length));
      }

      @Override
      public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, size - position));
        position += skipped;
        return skipped;
      }
    };
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) {
    if (to < 0) {
      throw new IllegalArgumentException("a place before the object's begin");
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
