package org.pointwise.parquet;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.parquet.io.InputFile;
import org.pointwise.store.ByteStore;

/**
 * A stored object as a file for Parquet's library.
 *
 * @param length bytes of the object
 */
record StoreFile(ByteStore store, String key, long length) implements InputFile {
  /**
   * @throws FileNotFoundException if there is no such object
   */
  static StoreFile of(ByteStore store, String key) throws IOException {
    long length = store.size(key);
    if (length < 0) {
      throw new FileNotFoundException(ByteStore.join(store.uri(), key));
    }
    return new StoreFile(store, key, length);
  }

  /** Returns the path or URI of the file. */
  String uri() {
    return ByteStore.join(store.uri(), key);
  }

  @Override
  public long getLength() {
    return length;
  }

  @Override
  public StoreStream newStream() {
    return new StoreStream(this);
  }
}
