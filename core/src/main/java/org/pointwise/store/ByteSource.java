package org.pointwise.store;

import java.io.IOException;

/** Named byte strings that can be read in parts. */
public interface ByteSource {
  /** Returns the root of the names, as the user would write it. */
  String uri();

  /** Returns the length in bytes; −1 where no such object exists (a folder is not an object). */
  long size(String key) throws IOException;

  /**
   * Reads exactly {@code length} bytes from {@code offset}.
   *
   * @return false where no such object exists
   * @throws ByteStore.TruncatedException when the object ends before
   */
  boolean read(String key, long offset, int length, Bytes into) throws IOException;

  /**
   * Closes everything that this thread keeps open between reads; a store closes everything that the
   * thread has open in it. Reading remains possible afterwards.
   */
  default void release() {}
}
