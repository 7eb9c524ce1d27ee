package org.pointwise.quantise;

import java.util.Arrays;

/**
 * A scale and an offset, of a whole array or of each of its channels: a stored number q stands for
 * {@code q · scale + offset}, as {@link Quantisation} computes it. Immutable.
 */
public final class Scaling {
  /** Stored numbers are the features. */
  public static final Scaling NONE = of(1, 0);

  private final double[] scales; // one, or one a channel
  private final double[] offsets; // as many

  private Scaling(double[] scales, double[] offsets) {
    this.scales = scales;
    this.offsets = offsets;
  }

  /** The same for all channels. */
  public static Scaling of(double scale, double offset) {
    return new Scaling(new double[] {scale}, new double[] {offset});
  }

  /**
   * @param scales of the channels, or one for all
   * @param offsets of the channels, or one for all
   * @throws IllegalArgumentException where both are several, and not as many
   */
  public static Scaling of(double[] scales, double[] offsets) {
    int count = Math.max(scales.length, offsets.length);
    return new Scaling(each(scales, count), each(offsets, count)).simplest();
  }

  private static double[] each(double[] numbers, int count) {
    if (numbers.length == count) {
      return numbers.clone();
    }
    if (numbers.length != 1) {
      throw new IllegalArgumentException("%d numbers, not %d".formatted(numbers.length, count));
    }
    double[] all = new double[count];
    Arrays.fill(all, numbers[0]);
    return all;
  }

  /** Channels that are all scaled alike are a whole array. */
  private Scaling simplest() {
    for (int c = 1; c < scales.length; c++) {
      if (scales[c] != scales[0] || offsets[c] != offsets[0]) {
        return this;
      }
    }
    return of(scales[0], offsets[0]);
  }

  /** Whether stored numbers are features. */
  public boolean isNone() {
    return !isPerChannel() && scales[0] == 1 && offsets[0] == 0;
  }

  /** Whether channels differ. */
  public boolean isPerChannel() {
    return scales.length > 1;
  }

  /** Of a channel. */
  public double scale(int channel) {
    return scales[scales.length == 1 ? 0 : channel];
  }

  /** Of a channel. */
  public double offset(int channel) {
    return offsets[offsets.length == 1 ? 0 : channel];
  }

  /** One number for all channels, or one for each. */
  public double[] scales() {
    return scales.clone();
  }

  /** As many as there are scales. */
  public double[] offsets() {
    return offsets.clone();
  }

  /** {@link #scales} as float32. */
  public float[] float32Scales() {
    return narrowed(scales);
  }

  /** {@link #offsets} as float32. */
  public float[] float32Offsets() {
    return narrowed(offsets);
  }

  private static float[] narrowed(double[] numbers) {
    float[] narrow = new float[numbers.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) numbers[i];
    }
    return narrow;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scaling scaling
        && Arrays.equals(scales, scaling.scales)
        && Arrays.equals(offsets, scaling.offsets);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(scales) + Arrays.hashCode(offsets);
  }

  /** {@code scale=S, offset=O}, of channels in lists, as the float32 numbers nearest to them. */
  @Override
  public String toString() {
    float[] s = float32Scales();
    float[] o = float32Offsets();
    return isPerChannel()
        ? "scale=%s, offset=%s".formatted(Arrays.toString(s), Arrays.toString(o))
        : "scale=%s, offset=%s".formatted(s[0], o[0]);
  }

  /** The same in float64. */
  public String exact() {
    return "scale=%s, offset=%s".formatted(Arrays.toString(scales), Arrays.toString(offsets));
  }
}
