package org.pointwise.conv;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes symmetric rank-k updates: sums of the products of all pairs of channels over blocks of
 * pixels. Packs several blocks before it multiplies them. Confined to one thread.
 */
final class RankUpdates {
  private static final int DEPTH = MomentsKernel.DEPTH;
  private static final int BLOCKS = MomentsKernel.BLOCKS;

  private final Microkernel microkernel;
  private final ElementConversions conversions;
  private final int channels;
  private final int width; // of a panel
  private final int panels;
  private final float[][] columns; // [block][panel][pixel][width]
  private final byte[][] lines; // [block][channel][LINE]
  private final int[] depths = new int[BLOCKS]; // pixels of each block
  private int blocks; // number of packed blocks
  private double @Nullable [] packed; // receives the products of the packed blocks
  private final float[] sums; // of all groups of lines with one panel
  private final int[] offsets; // of each group of lines with the panel of its first channel
  private final int[] panelSteps;

  /**
   * @param width the channels of a panel, two vectors
   */
  RankUpdates(Microkernel microkernel, ElementConversions conversions, int channels, int width) {
    this.microkernel = microkernel;
    this.conversions = conversions;
    this.channels = channels;
    this.width = width;
    this.panels = (channels + width - 1) / width;
    this.columns = new float[BLOCKS][panels * DEPTH * width];
    this.lines = new byte[BLOCKS][groupsOfLines() * Microkernel.LINES * Microkernel.LINE_BYTES];
    this.sums = new float[groupsOfLines() * Microkernel.LINES * width];
    this.offsets = offsets();
    this.panelSteps = IntStream.range(0, width).map(i -> i * width).toArray();
  }

  /** Returns sums of products, all zero. Their layout is private to this class. */
  double[] zero() {
    return new double[offsets[groupsOfLines()]];
  }

  /**
   * Packs a block. {@link #multiply} then adds the products of its numbers, minus {@code shift}, to
   * {@code products}. Multiplies the packed blocks first if they belong to other products or if
   * there are {@link MomentsKernel#BLOCKS} of them.
   *
   * @param rows the channels of pixel p at {@code p·rowBytes}
   * @param count the number of pixels, at most {@link MomentsKernel#DEPTH}
   * @param statistics receives the statistics of the block
   */
  void pack(
      double[] products,
      byte[] rows,
      int rowBytes,
      int count,
      float[] shift,
      BlockStatistics statistics) {
    if (blocks == BLOCKS || packed != products) {
      multiply();
    }
    float[] into = columns[blocks];
    for (int p = 0; p < panels; p++) {
      int at = p * DEPTH * width;
      conversions.packCentred(
          rows,
          p * width * Float.BYTES,
          rowBytes,
          count,
          width,
          shift,
          p * width,
          into,
          at,
          statistics);
      conversions.transpose(
          into,
          at,
          panelSteps,
          Math.min(width, channels - p * width),
          count,
          lines[blocks],
          p * width * Microkernel.LINE_BYTES,
          Microkernel.LINE_BYTES);
    }
    depths[blocks++] = count;
    packed = products;
  }

  /**
   * Multiplies the lines of the packed blocks by their panels, except for groups below the
   * diagonal, and adds the results to the products.
   */
  void multiply() {
    int step = Microkernel.LINES * width;
    for (int p = 0; p < panels && packed != null; p++) {
      int groupsOfPanel =
          (Math.min(channels, (p + 1) * width) + Microkernel.LINES - 1) / Microkernel.LINES;
      Arrays.fill(sums, 0, groupsOfPanel * step, 0);
      for (int b = 0; b < blocks; b++) {
        for (int g = 0; g < groupsOfPanel; g++) {
          microkernel.multiply(
              lines[b],
              g * Microkernel.LINES * Microkernel.LINE_BYTES,
              Microkernel.LINES,
              columns[b],
              p * DEPTH * width,
              width,
              depths[b],
              sums,
              g * step);
        }
      }
      for (int g = 0; g < groupsOfPanel; g++) {
        int to = position(g * Microkernel.LINES, p * width);
        microkernel.addWidened(sums, g * step, step, packed, to);
      }
    }
    blocks = 0;
    packed = null;
  }

  private int groupsOfLines() {
    return (channels + Microkernel.LINES - 1) / Microkernel.LINES;
  }

  private int[] offsets() {
    int[] offsets = new int[groupsOfLines() + 1];
    for (int g = 0; g < offsets.length - 1; g++) {
      int pairs = panels - g * Microkernel.LINES / width;
      offsets[g + 1] = Math.addExact(offsets[g], pairs * Microkernel.LINES * width);
    }
    return offsets;
  }

  /** Returns the index of the product of channels i and j ≥ i. */
  private int position(int i, int j) {
    int group = i / Microkernel.LINES;
    int panel = j / width - group * Microkernel.LINES / width;
    return offsets[group] + (panel * Microkernel.LINES + i % Microkernel.LINES) * width + j % width;
  }

  /**
   * Computes the co-moments of {@code count} pixels as an {@link UpperTriangle}.
   *
   * @param sum the sum of the pixels minus the shift, by channel
   */
  void coMoments(double[] products, double[] sum, long count, double[] triangle) {
    int diagonal = 0;
    for (int i = 0; i < channels; i++) {
      double mean = sum[i] / count;
      int at = diagonal - i; // of channel 0 in the row
      for (int from = i; from < channels; from = (from / width + 1) * width) {
        int to = Math.min(channels, (from / width + 1) * width);
        int pairs = position(i, from) - from;
        for (int j = from; j < to; j++) {
          triangle[at + j] = products[pairs + j] - sum[j] * mean;
        }
      }
      triangle[diagonal] = Math.max(0, triangle[diagonal]);
      diagonal += channels - i;
    }
  }
}
