package org.pointwise.store;

import java.util.Arrays;

/** A growable run of bytes that is filled again and again. Confined to one thread. */
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

  /** Makes the run {@code length} bytes long; old contents may be lost. */
  public byte[] resize(int length) {
    if (array.length < length) {
      array = NONE; // never two at once
      array = new byte[length];
    }
    this.length = length;
    return array;
  }

  /**
   * Makes room for {@code count} bytes behind the run and no more, which copies the run twice: for
   * a short run before a long one.
   */
  public byte[] reserveExactly(int count) {
    int needed = Math.addExact(length, count);
    if (array.length < needed) {
      byte[] run = toArray();
      array = NONE; // never two at once
      array = Arrays.copyOf(run, needed);
    }
    return array;
  }

  /** Makes room for {@code count} bytes behind the run, keeping what is there. */
  public byte[] reserve(int count) {
    int needed = Math.addExact(length, count);
    if (array.length < needed) {
      array =
          Arrays.copyOf(
              array, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, array.length * 2L)));
    }
    return array;
  }

  /** Takes {@code count} bytes, written behind the run, into it. */
  public void advance(int count) {
    length += count;
  }

  /** Appends, keeping what is there. */
  public void append(byte[] bytes, int from, int count) {
    reserve(count);
    System.arraycopy(bytes, from, array, length, count);
    length += count;
  }

  /** A copy of the run. */
  public byte[] toArray() {
    return Arrays.copyOf(array, length);
  }
}
