package org.pointwise.run;

/**
 * The sum of some receipts. Mutable, confined to one thread; {@link #add} is associative and
 * commutative, so totals do not depend on partitions.
 */
public final class RunTotals {
  /** Fields of {@link #toArray}. */
  private static final int FIELDS = 13;

  private long units;
  private long written;
  private long alreadyThere;
  private long empty;
  private long pixels;
  private long masked;
  private long nonFinite;
  private long overflowed;
  private long bytesIn;
  private long bytesRead;
  private long bytesOut;
  private long begunMillis = Long.MAX_VALUE;
  private long endedMillis = Long.MIN_VALUE;

  /**
   * Adds a unit that began at {@code begun} and ended at {@code ended}, milliseconds of the epoch.
   */
  public void add(Receipt receipt, long begun, long ended) {
    units++;
    switch (receipt.status()) {
      case WRITTEN -> written++;
      case ALREADY_THERE -> alreadyThere++;
      case EMPTY -> empty++;
    }
    pixels += receipt.pixels();
    masked += receipt.masked();
    nonFinite += receipt.nonFinite();
    overflowed += receipt.overflowed();
    bytesIn += receipt.bytesIn();
    bytesRead += receipt.bytesRead();
    bytesOut += receipt.bytesOut();
    begunMillis = Math.min(begunMillis, begun);
    endedMillis = Math.max(endedMillis, ended);
  }

  public RunTotals add(RunTotals other) {
    long[] mine = toArray();
    long[] others = other.toArray();
    for (int i = 0; i < FIELDS - 2; i++) {
      mine[i] += others[i];
    }
    mine[FIELDS - 2] = Math.min(begunMillis, other.begunMillis);
    mine[FIELDS - 1] = Math.max(endedMillis, other.endedMillis);
    set(mine);
    return this;
  }

  /** All fields, for the wire. */
  public long[] toArray() {
    return new long[] {
      units,
      written,
      alreadyThere,
      empty,
      pixels,
      masked,
      nonFinite,
      overflowed,
      bytesIn,
      bytesRead,
      bytesOut,
      begunMillis,
      endedMillis
    };
  }

  /** What {@link #toArray} gave. */
  public static RunTotals of(long[] fields) {
    RunTotals totals = new RunTotals();
    totals.set(fields);
    return totals;
  }

  private void set(long[] fields) {
    units = fields[0];
    written = fields[1];
    alreadyThere = fields[2];
    empty = fields[3];
    pixels = fields[4];
    masked = fields[5];
    nonFinite = fields[6];
    overflowed = fields[7];
    bytesIn = fields[8];
    bytesRead = fields[9];
    bytesOut = fields[10];
    begunMillis = fields[11];
    endedMillis = fields[12];
  }

  public long units() {
    return units;
  }

  public long written() {
    return written;
  }

  public long alreadyThere() {
    return alreadyThere;
  }

  public long empty() {
    return empty;
  }

  public long pixels() {
    return pixels;
  }

  public long masked() {
    return masked;
  }

  public long nonFinite() {
    return nonFinite;
  }

  public long overflowed() {
    return overflowed;
  }

  public long bytesIn() {
    return bytesIn;
  }

  public long bytesRead() {
    return bytesRead;
  }

  public long bytesOut() {
    return bytesOut;
  }

  /** From the first tile begun to the last object stored, seconds; 0 where nothing was done. */
  public double tileSeconds() {
    return units == 0 ? 0 : (endedMillis - begunMillis) / 1000.0;
  }
}
