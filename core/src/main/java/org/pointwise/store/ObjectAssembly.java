package org.pointwise.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Assembles objects of any length, one at a time, from pieces that are appended to {@link #tail}. A
 * short object is buffered until it is put; a longer one is uploaded in parts while pieces are
 * appended. Confined to one thread; reuses its buffer.
 */
public final class ObjectAssembly {
  /** Largest number of bytes that are buffered, in addition to the last piece. */
  public static final int MAX_BUFFERED_BYTES = 8 << 20;

  private final ByteStore store;
  private final Bytes tail = new Bytes();
  private Hashes.Digest digest = new Hashes.Digest();
  private String key = "";
  private ByteStore.@Nullable Upload upload;
  private long sent;

  public ObjectAssembly(ByteStore store) {
    this.store = store;
  }

  /**
   * Returns the largest heap, in bytes, that the assembly of an object needs.
   *
   * @param object bytes of the whole object
   * @param piece bytes that are appended at once
   */
  public static long heap(long object, long piece) {
    long max = longestWriteBytes(object, piece);
    return Math.addExact(max, max * 3 / 2); // the buffer grows by doubling: old and new coexist
  }

  /** Returns the bytes of the longest write. */
  public static long longestWriteBytes(long object, long piece) {
    return Math.min(object, MAX_BUFFERED_BYTES + piece);
  }

  /** Begins an object that creates or replaces the object of this key. */
  public void begin(String objectKey) {
    abort();
    key = objectKey;
    tail.resize(0);
    digest = new Hashes.Digest();
    sent = 0;
  }

  /** Returns the buffer to which pieces are appended. */
  public Bytes tail() {
    return tail;
  }

  /** Returns the number of bytes appended so far. */
  public long length() {
    return sent + tail.length();
  }

  /** Uploads the buffered bytes once there are at least {@link #MAX_BUFFERED_BYTES}. */
  public void settle() throws IOException {
    if (tail.length() >= MAX_BUFFERED_BYTES) {
      send();
    }
  }

  private void send() throws IOException {
    if (upload == null) {
      upload = store.upload(key);
    }
    digest.add(ByteBuffer.wrap(tail.array(), 0, tail.length()));
    upload.write(tail.array(), 0, tail.length());
    sent += tail.length();
    tail.resize(0);
  }

  /**
   * Publishes the object.
   *
   * @return its SHA-256 in hex
   */
  public String end() throws IOException {
    ByteStore.Upload openUpload = upload;
    if (openUpload == null) {
      store.put(key, tail.array(), 0, tail.length());
      return Hashes.sha256(tail.array(), 0, tail.length());
    }
    send();
    openUpload.publish();
    upload = null;
    openUpload.close();
    return digest.hex();
  }

  /** Discards the current object if it has not ended; nothing of it remains. */
  public void abort() {
    ByteStore.Upload openUpload = upload;
    upload = null;
    if (openUpload != null) {
      try {
        openUpload.close();
      } catch (IOException e) {
        // The caller reports why the object was discarded; later runs delete its staged file.
      }
    }
  }
}
