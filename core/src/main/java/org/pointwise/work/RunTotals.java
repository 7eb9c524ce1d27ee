package org.pointwise.work;

import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.IncompleteRunException;

/**
 * The sum of receipts. Mutable, confined to one thread. {@link #add} is associative and
 * commutative, so that totals do not depend on partitions.
 */
public final class RunTotals {
  /**
   * The fields. All are added, except the last four: {@code BEGUN_MILLIS} is a minimum, the fields
   * after it are maxima.
   */
  private enum Field {
    UNITS,
    WRITTEN,
    ALREADY_STORED,
    EMPTY,
    PIXELS,
    COMPUTED_PIXELS,
    MASKED,
    BAD,
    NON_FINITE,
    OVERFLOWED,
    CHUNKS,
    MISSING_CHUNKS,
    BYTES_IN,
    BYTES_READ,
    BYTES_OUT,
    COMPUTED_BYTES_OUT,
    BUSY_NANOS,
    READ_NANOS,
    STORE_NANOS,
    RETRIED_TASKS,
    PLAIN_TASKS,
    STARTED_MILLIS,
    ENDED_MILLIS,
    LIVE_HEAP_BYTES,
    RESIDENT_BYTES
  }

  private final long[] fields;

  public RunTotals() {
    this(new long[Field.values().length]);
    fields[Field.STARTED_MILLIS.ordinal()] = Long.MAX_VALUE;
  }

  private RunTotals(long[] fields) {
    this.fields = fields;
  }

  /**
   * Adds a unit with a receipt.
   *
   * @param startedMillis start of the unit in epoch milliseconds
   * @param endedMillis end of the unit in epoch milliseconds
   */
  public void add(Receipt receipt, long startedMillis, long endedMillis) {
    plus(Field.UNITS, 1);
    plus(
        switch (receipt.status()) {
          case WRITTEN -> Field.WRITTEN;
          case ALREADY_THERE -> Field.ALREADY_STORED;
          case EMPTY -> Field.EMPTY;
        },
        1);
    plus(Field.PIXELS, receipt.pixels());
    boolean computed = receipt.status() != Receipt.Status.ALREADY_THERE;
    plus(Field.COMPUTED_PIXELS, computed ? receipt.pixels() : 0);
    plus(Field.COMPUTED_BYTES_OUT, computed ? receipt.bytesOut() : 0);
    plus(Field.MASKED, receipt.counts().masked());
    plus(Field.BAD, receipt.counts().bad());
    plus(Field.NON_FINITE, receipt.counts().nonFinite());
    plus(Field.OVERFLOWED, receipt.counts().overflowed());
    plus(Field.MISSING_CHUNKS, receipt.counts().missingChunks());
    plus(Field.CHUNKS, receipt.chunks());
    plus(Field.BYTES_IN, receipt.bytesIn());
    plus(Field.BYTES_READ, receipt.bytesRead());
    plus(Field.BYTES_OUT, receipt.bytesOut());
    plus(Field.BUSY_NANOS, receipt.nanos());
    plus(Field.READ_NANOS, receipt.readNanos());
    plus(Field.STORE_NANOS, receipt.storeNanos());
    merge(Field.STARTED_MILLIS, startedMillis);
    merge(Field.ENDED_MILLIS, endedMillis);
  }

  /** Adds a unit without a receipt. */
  void addUnit(long startedMillis, long endedMillis) {
    plus(Field.UNITS, 1);
    merge(Field.STARTED_MILLIS, startedMillis);
    merge(Field.ENDED_MILLIS, endedMillis);
  }

  /** Ends this part of a run: records the memory of its process, and whether it was a retry. */
  public void endPart(boolean retry) {
    plus(Field.RETRIED_TASKS, retry ? 1 : 0);
    plus(Field.PLAIN_TASKS, KernelProvider.forThisJvm().simd() ? 0 : 1);
    merge(Field.LIVE_HEAP_BYTES, MemoryUse.liveHeapBytes());
    merge(Field.RESIDENT_BYTES, MemoryUse.peakResidentBytes());
  }

  private void plus(Field field, long more) {
    fields[field.ordinal()] += more;
  }

  private void merge(Field field, long other) {
    long own = fields[field.ordinal()];
    fields[field.ordinal()] =
        field.ordinal() < Field.STARTED_MILLIS.ordinal()
            ? own + other
            : field == Field.STARTED_MILLIS ? Math.min(own, other) : Math.max(own, other);
  }

  public RunTotals add(RunTotals other) {
    for (Field field : Field.values()) {
      merge(field, other.get(field));
    }
    return this;
  }

  /** The counts of all units, including units of previous runs. */
  public UnitCounts counts() {
    return new UnitCounts(masked(), get(Field.BAD), nonFinite(), overflowed(), missingChunks());
  }

  /** All fields, for serialisation. */
  public long[] toArray() {
    return fields.clone();
  }

  /** The totals from the result of {@link #toArray}. */
  public static RunTotals of(long[] fields) {
    return new RunTotals(fields.clone());
  }

  private long get(Field field) {
    return fields[field.ordinal()];
  }

  public long units() {
    return get(Field.UNITS);
  }

  public long written() {
    return get(Field.WRITTEN);
  }

  public long alreadyStored() {
    return get(Field.ALREADY_STORED);
  }

  public long empty() {
    return get(Field.EMPTY);
  }

  public long pixels() {
    return get(Field.PIXELS);
  }

  /** The part of {@link #pixels} that this run computed. */
  public long computedPixels() {
    return get(Field.COMPUTED_PIXELS);
  }

  public long masked() {
    return get(Field.MASKED);
  }

  public long nonFinite() {
    return get(Field.NON_FINITE);
  }

  public long overflowed() {
    return get(Field.OVERFLOWED);
  }

  /** Input chunks that this run decoded or found missing. */
  public long chunks() {
    return get(Field.CHUNKS);
  }

  /** Input chunks that are not stored. */
  public long missingChunks() {
    return get(Field.MISSING_CHUNKS);
  }

  /** The part of {@link #bytesOut} that this run stored. */
  public long computedBytesOut() {
    return get(Field.COMPUTED_BYTES_OUT);
  }

  public long bytesIn() {
    return get(Field.BYTES_IN);
  }

  public long bytesRead() {
    return get(Field.BYTES_READ);
  }

  public long bytesOut() {
    return get(Field.BYTES_OUT);
  }

  /** Seconds that all tasks spent in units. */
  public double busySeconds() {
    return get(Field.BUSY_NANOS) / 1e9;
  }

  /** The part of {@link #busySeconds} for reading and decoding. */
  public double readSeconds() {
    return get(Field.READ_NANOS) / 1e9;
  }

  /** The part of {@link #busySeconds} for encoding and storing. */
  public double storeSeconds() {
    return get(Field.STORE_NANOS) / 1e9;
  }

  /** Tasks that succeeded at their second attempt or later. */
  public long retriedTasks() {
    return get(Field.RETRIED_TASKS);
  }

  /** Tasks whose JVM has no SIMD kernel. */
  public long plainTasks() {
    return get(Field.PLAIN_TASKS);
  }

  /** Largest number of live heap bytes of one process. */
  public long liveHeapBytes() {
    return get(Field.LIVE_HEAP_BYTES);
  }

  /** Largest peak resident bytes of one process; 0 where unknown. */
  public long residentBytes() {
    return get(Field.RESIDENT_BYTES);
  }

  /** Seconds from the start of the first unit to the end of the last one; 0 without units. */
  public double tileSeconds() {
    return units() == 0 ? 0 : (get(Field.ENDED_MILLIS) - get(Field.STARTED_MILLIS)) / 1000.0;
  }

  /**
   * Requires that all units are accounted for.
   *
   * @throws IncompleteRunException if some are not
   */
  public void requireUnits(long count) {
    if (units() != count) {
      throw new IncompleteRunException(
          "Cannot account for all shards: %d of %d ended; run the same command again to continue"
              .formatted(units(), count));
    }
  }
}
