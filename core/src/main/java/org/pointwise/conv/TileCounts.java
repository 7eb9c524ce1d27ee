package org.pointwise.conv;

/** What happened to the pixels of some tiles. Mutable, confined to one thread. */
public final class TileCounts {
  private long masked;
  private long nonFinite;
  private long overflowed;

  void addMasked(long pixels) {
    masked += pixels;
  }

  void addNonFinite(long pixels) {
    nonFinite += pixels;
  }

  void addOverflowed(long values) {
    overflowed += values;
  }

  /** Pixels left out of the arithmetic because a channel is nodata, or because they are missing. */
  public long masked() {
    return masked;
  }

  /**
   * Pixels whose sums are not finite: NaN or infinity in the input, or a float32 overflow. Counted
   * before the activation, which may hide an infinity.
   */
  public long nonFinite() {
    return nonFinite;
  }

  /** Finite values that the output type could not hold. */
  public long overflowed() {
    return overflowed;
  }

  public void add(TileCounts other) {
    masked += other.masked;
    nonFinite += other.nonFinite;
    overflowed += other.overflowed;
  }

  public void reset() {
    masked = 0;
    nonFinite = 0;
    overflowed = 0;
  }
}
