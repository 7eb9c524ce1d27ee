package org.pointwise.quantise;

import java.util.Arrays;
import org.pointwise.tensor.NumberText;

/**
 * A scale and an offset, of a whole array or of each of its channels. A stored number q represents
 * the feature {@code q · scale + offset}, computed as {@link Quantisation} describes. Immutable.
 */
public final class Scaling {
  /** The scaling whose features are the stored numbers: scale 1, offset 0. */
  public static final Scaling NONE = of(1, 0);

  private final double[] scales; // one, or one per channel
  private final double[] offsets; // as many as scales

  private Scaling(double[] scales, double[] offsets) {
    this.scales = scales;
    this.offsets = offsets;
  }

  /** Returns a scaling that is the same for all channels. */
  public static Scaling of(double scale, double offset) {
    return new Scaling(new double[] {scale}, new double[] {offset});
  }

  /**
   * Returns a scaling by channel.
   *
   * @param scales one per channel, or one for all
   * @param offsets one per channel, or one for all
   * @throws IllegalArgumentException if there are several of both and their numbers differ
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

  /** Returns a scaling of the whole array if all channels have the same scale and offset. */
  private Scaling simplest() {
    for (int c = 1; c < scales.length; c++) {
      if (scales[c] != scales[0] || offsets[c] != offsets[0]) {
        return this;
      }
    }
    return of(scales[0], offsets[0]);
  }

  /** Returns whether the stored numbers are the features. */
  public boolean isNone() {
    return !isPerChannel() && scales[0] == 1 && offsets[0] == 0;
  }

  /** Returns whether channels have different scales or offsets. */
  public boolean isPerChannel() {
    return scales.length > 1;
  }

  /** Returns the scale of a channel. */
  public double scale(int channel) {
    return scales[scales.length == 1 ? 0 : channel];
  }

  /** Returns the offset of a channel. */
  public double offset(int channel) {
    return offsets[offsets.length == 1 ? 0 : channel];
  }

  /** Returns one scale for all channels, or one per channel. */
  public double[] scales() {
    return scales.clone();
  }

  /** Returns as many offsets as there are scales. */
  public double[] offsets() {
    return offsets.clone();
  }

  /** Returns {@link #scales} as float32. */
  public float[] float32Scales() {
    return narrowed(scales);
  }

  /** Returns {@link #offsets} as float32. */
  public float[] float32Offsets() {
    return narrowed(offsets);
  }

  private static float[] narrowed(double[] numbers) {
    float[] float32 = new float[numbers.length];
    for (int i = 0; i < float32.length; i++) {
      float32[i] = (float) numbers[i];
    }
    return float32;
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

  /**
   * Returns {@code scale=S, offset=O} as the nearest float32 numbers; S and O are lists if channels
   * differ.
   */
  @Override
  public String toString() {
    float[] s = float32Scales();
    float[] o = float32Offsets();
    return isPerChannel()
        ? "scale=%s, offset=%s".formatted(NumberText.of(s), NumberText.of(o))
        : "scale=%s, offset=%s".formatted(NumberText.of(s[0]), NumberText.of(o[0]));
  }

  /** Returns scale and offset as lists of float64 numbers. */
  public String exact() {
    return "scale=%s, offset=%s".formatted(NumberText.of(scales), NumberText.of(offsets));
  }
}
