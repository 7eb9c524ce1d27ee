package org.pointwise.format.mat;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/** An object from its start to its end. Confined to one thread. */
final class StoreStream extends InputStream {
  private static final int WINDOW = 1 << 20;

  private final ByteStore store;
  private final String key;
  private final long size;
  private final Bytes window = new Bytes();
  private int next;
  private long read; // into windows
  private @Nullable IOException failure;

  StoreStream(ByteStore store, String key, long size) {
    this.store = store;
    this.key = key;
    this.size = size;
  }

  /** How the store failed; null where it did not. */
  @Nullable IOException failure() {
    return failure;
  }

  private boolean fill() throws IOException {
    if (next < window.length()) {
      return true;
    }
    int length = (int) Math.min(WINDOW, size - read);
    if (length <= 0) {
      return false;
    }
    try {
      if (!store.read(key, read, length, window)) {
        throw new IOException(key + " vanished");
      }
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    read += length;
    next = 0;
    return true;
  }

  @Override
  public int read() throws IOException {
    return fill() ? window.array()[next++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, window.length() - next);
    System.arraycopy(window.array(), next, into, from, count);
    next += count;
    return count;
  }

  /** Without reading what lies between. */
  @Override
  public long skip(long count) {
    long left = window.length() - next + size - read;
    long skipped = Math.max(0, Math.min(count, left));
    int within = (int) Math.min(skipped, window.length() - next);
    next += within;
    read += skipped - within;
    return skipped;
  }
}
