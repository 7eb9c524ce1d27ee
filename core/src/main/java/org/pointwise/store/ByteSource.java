package org.pointwise.store;

import java.io.IOException;

/** Named byte strings that can be read in parts. */
public interface ByteSource {
  /** What the names are relative to, as the user would write it. */
  String uri();

  /** Length in bytes; −1 when there is no such object (a folder is none). */
  long size(String key) throws IOException;

  /**
   * Reads exactly {@code length} bytes from {@code offset}.
   *
   * @return false when there is no such object
   * @throws ByteStore.TruncatedException when it ends before
   */
  boolean read(String key, long offset, int length, Bytes into) throws IOException;

  /**
   * Closes what this thread keeps open from one reading to the next, of a store all that it has
   * open there; more can be read.
   */
  default void release() {}
}
