package org.pointwise.conv;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.UpperTriangle;

/**
 * Symmetric rank-k updates: sums of the products of all pairs of channels over blocks of pixels.
 * Several blocks are packed before they are multiplied. Confined to one thread.
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
  private int blocks; // packed
  private double @Nullable [] packed; // where their products go
  private final float[] sums; // of all groups of lines and a panel
  private final int[] offsets; // of a group of lines and the panel of its first channel
  private final int[] panelSteps;

  /**
   * @param width of a panel of channels, two vectors
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

  /** Sums of products, at zero; only this class knows where each lies. */
  double[] zero() {
    return new double[offsets[groupsOfLines()]];
  }

  /**
   * Packs a block, so that {@link #multiply} adds the products of its numbers, less {@code shift},
   * to {@code products}. Multiplies what is packed first, where that is of others or enough.
   *
   * @param rows channels of pixel p at {@code p·rowBytes}
   * @param count pixels, at most {@link MomentsKernel#DEPTH}
   * @param statistics what the block holds
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
   * Adds the products of the packed blocks' lines with their panels, but for those below the
   * diagonal, to where they belong.
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
    int[] found = new int[groupsOfLines() + 1];
    for (int g = 0; g < found.length - 1; g++) {
      int pairs = panels - g * Microkernel.LINES / width;
      found[g + 1] = Math.addExact(found[g], pairs * Microkernel.LINES * width);
    }
    return found;
  }

  /** Where the product of channels i and j ≥ i is kept. */
  private int position(int i, int j) {
    int group = i / Microkernel.LINES;
    int panel = j / width - group * Microkernel.LINES / width;
    return offsets[group] + (panel * Microkernel.LINES + i % Microkernel.LINES) * width + j % width;
  }

  /**
   * The co-moments, as a {@link UpperTriangle}, of {@code count} pixels.
   *
   * @param sum of the pixels, each less the shift, by channel
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
