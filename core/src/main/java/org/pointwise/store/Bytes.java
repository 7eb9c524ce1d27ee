package org.pointwise.store;

import java.util.Arrays;

/** A growable, reusable buffer of bytes. Confined to one thread. */
public final class Bytes {
  private static final byte[] NONE = {};

  private byte[] array = NONE;
  private int length;

  public byte[] array() {
    return array;
  }

  public int length() {
    return length;
  }

  /** Sets the length; previous contents may be lost. */
  public byte[] resize(int length) {
    if (array.length < length) {
      array = NONE; // frees the old array first
      array = new byte[length];
    }
    this.length = length;
    return array;
  }

  /**
   * Makes room for exactly {@code count} bytes after the contents, which copies the contents twice:
   * for short contents before a long piece.
   */
  public byte[] reserveExactly(int count) {
    int needed = Math.addExact(length, count);
    if (array.length < needed) {
      byte[] run = toArray();
      array = NONE; // frees the old array first
      array = Arrays.copyOf(run, needed);
    }
    return array;
  }

  /** Makes room for {@code count} bytes after the contents, which are kept. */
  public byte[] reserve(int count) {
    int needed = Math.addExact(length, count);
    if (array.length < needed) {
      array =
          Arrays.copyOf(
              array, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, array.length * 2L)));
    }
    return array;
  }

  /** Extends the contents by {@code count} bytes that were written after them. */
  public void advance(int count) {
    length += count;
  }

  /** Appends bytes to the contents. */
  public void append(byte[] bytes, int from, int count) {
    reserve(count);
    System.arraycopy(bytes, from, array, length, count);
    length += count;
  }

  /** Returns a copy of the contents. */
  public byte[] toArray() {
    return Arrays.copyOf(array, length);
  }
}
