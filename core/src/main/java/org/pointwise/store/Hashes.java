package org.pointwise.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Computes digests of bytes and strings. */
public final class Hashes {
  private Hashes() {}

  /** Returns the SHA-256 in hex. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every JDK has SHA-256", e);
    }
  }

  /** Returns the SHA-256 in hex of a range of bytes. */
  public static String sha256(byte[] bytes, int from, int length) {
    Digest digest = new Digest();
    digest.add(ByteBuffer.wrap(bytes, from, length));
    return digest.hex();
  }

  /** Returns the SHA-256 in hex of the UTF-8 text. */
  public static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The SHA-256 of bytes and numbers that are added in parts. Mutable, confined to one thread. */
  public static final class Digest {
    private static final int PART = 8192;

    private final MessageDigest digest;

    public Digest() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("Every JDK has SHA-256", e);
      }
    }

    public void add(ByteBuffer bytes) {
      digest.update(bytes);
    }

    /** Adds numbers as float64, big-endian. */
    public void add(double[] values) {
      ByteBuffer part = ByteBuffer.allocate(PART * Double.BYTES);
      for (int i = 0; i < values.length; i += PART) {
        int count = Math.min(PART, values.length - i);
        part.clear().asDoubleBuffer().put(values, i, count);
        digest.update(part.limit(count * Double.BYTES));
      }
    }

    /** Returns the digest in hex. Nothing may be added afterwards. */
    public String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
