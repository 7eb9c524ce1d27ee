package org.pointwise.conv;

import org.jspecify.annotations.Nullable;

/**
 * Counts of masked, non-finite and overflowed pixels and values of tiles. Mutable. Confined to one
 * thread.
 */
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

  /** Adds {@code times} times the counts since {@code counts} was copied. */
  void addAgain(TileCounts counts, long times) {
    masked += times * (masked - counts.masked);
    nonFinite += times * (nonFinite - counts.nonFinite);
    overflowed += times * (overflowed - counts.overflowed);
    beyondFloat32 += times * (beyondFloat32 - counts.beyondFloat32);
  }

  TileCounts copy() {
    TileCounts copy = new TileCounts();
    copy.add(this);
    return copy;
  }

  /**
   * Returns the number of pixels excluded from the arithmetic because a channel is nodata or
   * because the pixels are missing.
   */
  public long masked() {
    return masked;
  }

  /**
   * Returns the number of pixels with a non-finite output of any head, caused by NaN or infinity in
   * the input or by a float32 overflow. The sums before the activation are examined too, because an
   * activation may hide an infinity.
   */
  public long nonFinite() {
    return nonFinite;
  }

  /** Returns the number of finite values that the output type could not hold. */
  public long overflowed() {
    return overflowed;
  }

  /**
   * Returns the number of finite stored numbers whose features float32 cannot hold. The largest
   * float32 of the same sign was used instead.
   */
  public long beyondFloat32() {
    return beyondFloat32;
  }

  /** Returns the first of these features and its position, as text; null if there is none. */
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
