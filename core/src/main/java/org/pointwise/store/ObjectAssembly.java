package org.pointwise.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Assembles objects of any length, one at a time, from pieces that are appended to {@link #tail}. A
 * short object is held until it is put; of a longer one, pieces are sent on as they come. Confined
 * to one thread; keeps its buffer.
 */
public final class ObjectAssembly {
  /** Bytes that are held, at most, beside the last piece. */
  public static final int HELD = 8 << 20;

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
   * Heap that an object takes at most while it is assembled.
   *
   * @param object bytes of all of it
   * @param piece bytes that are appended at once
   */
  public static long heap(long object, long piece) {
    long max = held(object, piece);
    return Math.addExact(max, max * 3 / 2); // the buffer doubles: old and new side by side
  }

  /** Bytes of the longest write. */
  public static long held(long object, long piece) {
    return Math.min(object, HELD + piece);
  }

  /** Begins an object, which creates or replaces that of this key. */
  public void begin(String objectKey) {
    abort();
    key = objectKey;
    tail.resize(0);
    digest = new Hashes.Digest();
    sent = 0;
  }

  /** Where to append pieces. */
  public Bytes tail() {
    return tail;
  }

  /** Bytes appended so far. */
  public long length() {
    return sent + tail.length();
  }

  /** Sends on what was appended, once it is long enough. */
  public void settle() throws IOException {
    if (tail.length() >= HELD) {
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
    ByteStore.Upload begun = upload;
    if (begun == null) {
      store.put(key, tail.array(), 0, tail.length());
      return Hashes.sha256(tail.array(), 0, tail.length());
    }
    send();
    begun.publish();
    upload = null;
    begun.close();
    return digest.hex();
  }

  /** Gives up the object that was begun, if it has not ended; nothing of it remains. */
  public void abort() {
    ByteStore.Upload begun = upload;
    upload = null;
    if (begun != null) {
      try {
        begun.close();
      } catch (IOException e) {
        // Why it was given up is what is told; what is left aside, later runs delete.
      }
    }
  }
}
