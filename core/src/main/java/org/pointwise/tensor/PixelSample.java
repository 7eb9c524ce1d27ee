package org.pointwise.tensor;

/**
 * A deterministic choice of pixels: whether one is chosen depends on its coordinates and the seed
 * alone, each with the probability {@code fraction}.
 *
 * <p>In 64-bit integers that wrap around, let {@code mix(z)} be {@code s = z + 0x9e3779b97f4a7c15;
 * s = (s ^ s>>>30)·0xbf58476d1ce4e5b9; s = (s ^ s>>>27)·0x94d049bb133111eb; s ^ s>>>31}, a step of
 * SplitMix64 (Steele, Lea and Flood 2014). A pixel is chosen where the upper 53 bits of {@code
 * mix(mix(mix(mix(seed) + n) + y) + x)}, divided by 2⁵³, are less than {@code fraction}.
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

  /** A number in [0, 1) drawn by coordinates. */
  private double unit(long n, long y, long x) {
    long hash = mix(mix(mix(mix(seed) + n) + y) + x);
    return (hash >>> 11) * 0x1p-53;
  }

  /** The {@code mix} of this class's contract. */
  public static long mix(long z) {
    long step = z + 0x9e3779b97f4a7c15L;
    step = (step ^ (step >>> 30)) * 0xbf58476d1ce4e5b9L;
    step = (step ^ (step >>> 27)) * 0x94d049bb133111ebL;
    return step ^ (step >>> 31);
  }
}
