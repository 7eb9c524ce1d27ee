package org.pointwise.tensor;

/**
 * A deterministic sample of pixels. Each pixel is chosen with probability {@code fraction},
 * depending only on its coordinates and the random seed.
 *
 * <p>In 64-bit integers that wrap around, let {@code mix(z)} be {@code s = z + 0x9e3779b97f4a7c15;
 * s = (s ^ s>>>30)·0xbf58476d1ce4e5b9; s = (s ^ s>>>27)·0x94d049bb133111eb; s ^ s>>>31}, a step of
 * SplitMix64 (Steele, Lea and Flood 2014). A pixel is chosen if the upper 53 bits of {@code
 * mix(mix(mix(mix(seed) + n) + y) + x)}, divided by 2⁵³, are less than {@code fraction}.
 *
 * @param fraction the probability of choosing a pixel, 0 … 1
 * @param seed the random seed
 */
public record PixelSample(double fraction, long seed) {
  /** All pixels. */
  public static final PixelSample ALL = new PixelSample(1, 0);

  public PixelSample {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("A fraction is 0 … 1, not " + fraction);
    }
  }

  public boolean all() {
    return fraction == 1;
  }

  /** Returns whether the pixel is chosen. */
  public boolean contains(long n, long y, long x) {
    return all() || unit(n, y, x) < fraction;
  }

  /** Returns the pixel's pseudorandom number in [0, 1). */
  private double unit(long n, long y, long x) {
    long hash = mix(mix(mix(mix(seed) + n) + y) + x);
    return (hash >>> 11) * 0x1p-53;
  }

  /** Computes {@code mix(z)} as the class description defines it. */
  public static long mix(long z) {
    long step = z + 0x9e3779b97f4a7c15L;
    step = (step ^ (step >>> 30)) * 0xbf58476d1ce4e5b9L;
    step = (step ^ (step >>> 27)) * 0x94d049bb133111ebL;
    return step ^ (step >>> 31);
  }
}
