package org.pointwise.parquet;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.parquet.io.InputFile;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;

/**
 * A stored object as a file for Parquet's library.
 *
 * @param status of the object when it was opened
 */
record StoreFile(ByteStore store, String key, ObjectStatus status) implements InputFile {
  /**
   * @throws FileNotFoundException if there is no such object
   */
  static StoreFile of(ByteStore store, String key) throws IOException {
    ObjectStatus status = store.statusesOf(List.of(key)).get(0);
    if (status.size() < 0) {
      throw new FileNotFoundException(ByteStore.join(store.uri(), key));
    }
    return new StoreFile(store, key, status);
  }

  /**
   * Requires that the object is the one that was opened: each read of a part of it opens it anew.
   *
   * @throws IncompleteRunException if its length or its time of change is another
   */
  void requireUnchanged() throws IOException {
    if (!store.statusesOf(List.of(key)).get(0).equals(status)) {
      throw new IncompleteRunException(
          "Cannot read %s: it changed during the run; run the same command again".formatted(uri()));
    }
  }

  /** Returns the bytes of the object. */
  long length() {
    return status.size();
  }

  /** Returns the path or URI of the file. */
  String uri() {
    return ByteStore.join(store.uri(), key);
  }

  @Override
  public long getLength() {
    return length();
  }

  @Override
  public StoreStream newStream() {
    return new StoreStream(this);
  }
}
