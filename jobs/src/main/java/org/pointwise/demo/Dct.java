package org.pointwise.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;

/**
 * A fixed reduction of patches: the lowest frequencies of the two-dimensional DCT-II (Ahmed,
 * Natarajan and Rao 1974) of brightness and of two colour differences. As in JPEG, brightness gets
 * more channels. The rows are orthonormal, so the transpose is the inverse.
 */
public final class Dct {
  /** Orthonormal rows: brightness, red − blue, and green against red and blue. */
  private static final double[][] COLOURS = {
    {1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)},
    {1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)},
    {1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)}
  };

  private final int channels;
  private final float[] weights; // [channels][768]

  private Dct(int channels, float[] weights) {
    this.channels = channels;
    this.weights = weights;
  }

  /**
   * Returns the reduction 768 → {@code channels}. Five eighths of the channels represent
   * brightness.
   */
  public static Dct of(int channels) {
    float[] weights = new float[channels * Patches.CHANNELS];
    int colour = channels * 3 / 16;
    int[] counts = {channels - 2 * colour, colour, colour};
    int row = 0;
    for (int plane = 0; plane < counts.length; plane++) {
      for (int[] frequency : lowest(counts[plane])) {
        fill(weights, row++ * Patches.CHANNELS, frequency, COLOURS[plane]);
      }
    }
    return new Dct(channels, weights);
  }

  private static List<int[]> lowest(int count) {
    List<int[]> frequencies = new ArrayList<>();
    for (int v = 0; v < Patches.SIZE; v++) {
      for (int u = 0; u < Patches.SIZE; u++) {
        frequencies.add(new int[] {v, u});
      }
    }
    frequencies.sort(Comparator.<int[]>comparingInt(f -> f[0] + f[1]).thenComparingInt(f -> f[0]));
    return frequencies.subList(0, count);
  }

  private static void fill(float[] weights, int row, int[] frequency, double[] colour) {
    for (int p = 0; p < Patches.SIZE * Patches.SIZE; p++) {
      double basis = wave(frequency[0], p / Patches.SIZE) * wave(frequency[1], p % Patches.SIZE);
      for (int c = 0; c < 3; c++) {
        weights[row + p * 3 + c] = (float) (basis * colour[c]);
      }
    }
  }

  private static double wave(int frequency, int position) {
    double scale = frequency == 0 ? Math.sqrt(1.0 / Patches.SIZE) : Math.sqrt(2.0 / Patches.SIZE);
    return scale * Math.cos(Math.PI * (2 * position + 1) * frequency / (2.0 * Patches.SIZE));
  }

  /** Returns the layer, without bias or activation. */
  public PointwiseLayer layer() {
    return PointwiseLayer.of(weights, new float[channels], Activation.NONE);
  }

  /** Returns the decoder: the transpose of the layer. */
  public PointwiseLayer decoder() {
    float[] transposed = new float[weights.length];
    for (int o = 0; o < channels; o++) {
      for (int i = 0; i < Patches.CHANNELS; i++) {
        transposed[i * channels + o] = weights[o * Patches.CHANNELS + i];
      }
    }
    return PointwiseLayer.of(transposed, new float[Patches.CHANNELS], Activation.NONE);
  }
}
