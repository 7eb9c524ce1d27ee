package org.pointwise.job;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.ObjectHash;

/** Compares the objects of an output with the receipts of previous runs. Confined to one thread. */
final class RecordedObjects {
  private final ByteStore output;
  private final Bytes buffer = new Bytes();

  RecordedObjects(ByteStore output) {
    this.output = output;
  }

  /** Returns an object if it is stored as a previous run recorded it; else null. */
  interface Comparison {
    @Nullable StoredObject stored(String key, Expected told) throws IOException;
  }

  /**
   * Returns an object that has the recorded length, that is recorded as empty, or that exists
   * without a recorded length; else null.
   */
  @Nullable StoredObject asLong(String key, Expected told) throws IOException {
    long bytes = told.bytes();
    if (bytes == 0) {
      return new StoredObject(key, 0, null);
    }
    long stored = output.size(key);
    boolean same = bytes == ObjectChecker.UNKNOWN ? stored >= 0 : stored == bytes;
    return same ? new StoredObject(key, stored, null) : null;
  }

  /** Returns an object that has the recorded length and whose hash is recorded; else null. */
  @Nullable StoredObject asRecorded(String key, Expected told) throws IOException {
    return told.bytes() > 0 && told.hash() != null && output.size(key) == told.bytes()
        ? new StoredObject(key, told.bytes(), null)
        : null;
  }

  /** Returns an object that has the recorded length and hash; else null. */
  @Nullable StoredObject proven(String key, Expected told) throws IOException {
    ObjectHash hash = told.hash();
    if (hash == null || asRecorded(key, told) == null) {
      return null;
    }
    String sha256 = ObjectHash.sha256(output, key, told.bytes(), buffer);
    return sha256 != null && hash.equals(ObjectHash.ofHex(sha256))
        ? new StoredObject(key, told.bytes(), sha256)
        : null;
  }
}
