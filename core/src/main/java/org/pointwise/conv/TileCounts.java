package org.pointwise.conv;

import org.jspecify.annotations.Nullable;

/** What happened to the pixels of some tiles. Mutable, confined to one thread. */
public final class TileCounts {
  private long masked;
  private long nonFinite;
  private long overflowed;
  private long beyondFloat32;
  private @Nullable String firstBeyondFloat32;

  void addMasked(long pixels) {
    masked += pixels;
  }

  void addNonFinite(long pixels) {
    nonFinite += pixels;
  }

  void addOverflowed(long values) {
    overflowed += values;
  }

  void addBeyondFloat32(double value, long n, long y, long x, int channel) {
    if (beyondFloat32++ == 0) {
      firstBeyondFloat32 = "%s at n=%d y=%d x=%d c=%d".formatted(value, n, y, x, channel);
    }
  }

  /** Adds {@code times} times what was counted since {@code earlier} was copied. */
  void addAgain(TileCounts earlier, long times) {
    masked += times * (masked - earlier.masked);
    nonFinite += times * (nonFinite - earlier.nonFinite);
    overflowed += times * (overflowed - earlier.overflowed);
    beyondFloat32 += times * (beyondFloat32 - earlier.beyondFloat32);
  }

  TileCounts copy() {
    TileCounts copy = new TileCounts();
    copy.add(this);
    return copy;
  }

  /** Pixels left out of the arithmetic because a channel is nodata, or because they are missing. */
  public long masked() {
    return masked;
  }

  /**
   * Pixels of which an output of any head is not finite: NaN or infinity in the input, or a float32
   * overflow. Counted before the activation, which may hide an infinity.
   */
  public long nonFinite() {
    return nonFinite;
  }

  /** Finite values that the output type could not hold. */
  public long overflowed() {
    return overflowed;
  }

  /** Finite stored numbers that float32 cannot hold; the arithmetic took the largest it can. */
  public long beyondFloat32() {
    return beyondFloat32;
  }

  /** The first of them and where it lies, for people; null where there is none. */
  public @Nullable String firstBeyondFloat32() {
    return firstBeyondFloat32;
  }

  public void add(TileCounts other) {
    masked += other.masked;
    nonFinite += other.nonFinite;
    overflowed += other.overflowed;
    beyondFloat32 += other.beyondFloat32;
  }

  public void reset() {
    masked = 0;
    nonFinite = 0;
    overflowed = 0;
    beyondFloat32 = 0;
    firstBeyondFloat32 = null;
  }
}
