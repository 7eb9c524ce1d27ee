package org.pointwise.tensor;

/**
 * A deterministic choice of pixels, or of boxes by their first pixel: whether one is chosen depends
 * on its coordinates and the seed alone.
 *
 * @param fraction of all that is chosen, 0 … 1
 */
public record PixelSample(double fraction, long seed) {
  /** Every pixel. */
  public static final PixelSample ALL = new PixelSample(1, 0);

  public PixelSample {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("A fraction is 0 … 1, not " + fraction);
    }
  }

  public boolean all() {
    return fraction == 1;
  }

  /** Whether the pixel is chosen. */
  public boolean contains(long n, long y, long x) {
    return all() || unit(n, y, x) < fraction;
  }

  /** Whether a box is chosen, as a whole. */
  public boolean contains(Box box) {
    return contains(box.n0(), box.y0(), box.x0());
  }

  /** A number in [0, 1) drawn by coordinates. */
  private double unit(long n, long y, long x) {
    long hash = mix(mix(mix(mix(seed) + n) + y) + x);
    return (hash >>> 11) * 0x1p-53;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014), one step from {@code z}. */
  private static long mix(long z) {
    long step = z + 0x9e3779b97f4a7c15L;
    step = (step ^ (step >>> 30)) * 0xbf58476d1ce4e5b9L;
    step = (step ^ (step >>> 27)) * 0x94d049bb133111ebL;
    return step ^ (step >>> 31);
  }
}
