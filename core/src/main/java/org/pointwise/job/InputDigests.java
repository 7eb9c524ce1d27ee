package org.pointwise.job;

import org.pointwise.plan.InputDigestPlan;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.Hashes;

/**
 * Sums of digests of an input's objects. One digest is of name, length and time of change, another
 * of name and length alone. A sum does not depend on how the objects are divided into units, nor on
 * their order. Immutable.
 *
 * @param objects number of objects
 * @param digest sums, modulo 2³⁰, of the low and of the high halves of 60-bit digests; a double
 *     holds each exactly
 * @param lengths the same, without times of change
 */
record InputDigests(long objects, long[] digest, long[] lengths) {
  private static final int HALF_BITS = 30;
  private static final long HALF = InputDigestPlan.MODULUS - 1;

  /** Returns the sums of no objects. */
  static InputDigests none() {
    return new InputDigests(0, new long[2], new long[2]);
  }

  /** Reads sums from a unit's result. */
  static InputDigests of(double[] numbers, int from) {
    return new InputDigests(
        (long) numbers[from],
        new long[] {(long) numbers[from + 1], (long) numbers[from + 2]},
        new long[] {(long) numbers[from + 3], (long) numbers[from + 4]});
  }

  void put(double[] numbers, int to) {
    numbers[to] = objects;
    for (int i = 0; i < 2; i++) {
      numbers[to + 1 + i] = digest[i];
      numbers[to + 3 + i] = lengths[i];
    }
  }

  InputDigests plus(InputDigests other) {
    return new InputDigests(
        objects + other.objects, plus(digest, other.digest), plus(lengths, other.lengths));
  }

  private static long[] plus(long[] a, long[] b) {
    return new long[] {(a[0] + b[0]) & HALF, (a[1] + b[1]) & HALF};
  }

  static InputDigests of(String key, ObjectStatus status) {
    String lengths = key + " " + status.size();
    return new InputDigests(1, digest(lengths + " " + status.modified()), digest(lengths));
  }

  private static long[] digest(String text) {
    return halves(Long.parseLong(Hashes.sha256(text).substring(0, 15), 16));
  }

  /** Returns the low and the high half of a digest of 60 bits. */
  static long[] halves(long digest) {
    return new long[] {digest & HALF, digest >> HALF_BITS};
  }

  /** Returns a digest as it is recorded. */
  static String text(long[] digest) {
    return "%015x".formatted(digest[0] | digest[1] << HALF_BITS);
  }
}
