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
    @Nullable StoredObject find(String key, Expected expected) throws IOException;
  }

  /**
   * Returns an object that has the recorded length, that is recorded as empty, or that exists
   * without a recorded length; else null.
   */
  @Nullable StoredObject ifSameLength(String key, Expected expected) throws IOException {
    long bytes = expected.bytes();
    if (bytes == 0) {
      return new StoredObject(key, 0, null);
    }
    long stored = output.size(key);
    boolean same = bytes == ObjectChecker.UNKNOWN ? stored >= 0 : stored == bytes;
    return same ? new StoredObject(key, stored, null) : null;
  }

  /** Returns an object that has the recorded length and whose hash is recorded; else null. */
  @Nullable StoredObject ifSameLengthHashed(String key, Expected expected) throws IOException {
    return expected.bytes() > 0 && expected.hash() != null && output.size(key) == expected.bytes()
        ? new StoredObject(key, expected.bytes(), null)
        : null;
  }

  /** Returns an object that has the recorded length and hash; else null. */
  @Nullable StoredObject ifSameHash(String key, Expected expected) throws IOException {
    ObjectHash hash = expected.hash();
    if (hash == null || ifSameLengthHashed(key, expected) == null) {
      return null;
    }
    String sha256 = ObjectHash.sha256(output, key, expected.bytes(), buffer);
    return sha256 != null && hash.equals(ObjectHash.ofHex(sha256))
        ? new StoredObject(key, expected.bytes(), sha256)
        : null;
  }
}
