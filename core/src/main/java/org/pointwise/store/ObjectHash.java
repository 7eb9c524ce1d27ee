package org.pointwise.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first 128 bits of an object's SHA-256, which identify the object. A CRC-32C does not: the
 * CRC-32C of a shard whose chunks each end with their own CRC-32C depends only on the lengths of
 * the chunks.
 */
public record ObjectHash(long high, long low) {
  private static final int PART_BYTES = 1 << 20;
  private static final int HEX_DIGITS = 64;

  /** Returns the hash of a complete SHA-256 in hex; null if the text is not one. */
  public static @Nullable ObjectHash ofHex(String sha256) {
    if (sha256.length() != HEX_DIGITS) {
      return null;
    }
    try {
      return new ObjectHash(
          Long.parseUnsignedLong(sha256, 0, 16, 16), Long.parseUnsignedLong(sha256, 16, 32, 16));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * Returns the SHA-256 in hex of a stored object, which is read in parts.
   *
   * @param buffer for the parts
   * @return null where no such object exists, or where it became shorter meanwhile
   */
  public static @Nullable String sha256(ByteStore store, String key, long bytes, Bytes buffer)
      throws IOException {
    Hashes.Digest digest = new Hashes.Digest();
    try {
      for (long from = 0; from < bytes; from += PART_BYTES) {
        int count = (int) Math.min(PART_BYTES, bytes - from);
        if (!store.read(key, from, count, buffer)) {
          return null;
        }
        digest.add(ByteBuffer.wrap(buffer.array(), 0, count));
      }
    } catch (ByteStore.TruncatedException e) {
      return null;
    }
    return digest.hex();
  }

  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }
}
