package org.pointwise.conv;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementAccess;

/**
 * Updates of rows of float32: products are summed in float32 over up to {@link
 * MomentsKernel#BLOCKS} times {@link MomentsKernel#DEPTH} pixels, and these sums in float64. Packs
 * several blocks before it multiplies them.
 */
final class Float32Updates extends RankUpdates {
  private static final int DEPTH = MomentsKernel.DEPTH;
  private static final int BLOCKS = MomentsKernel.BLOCKS;

  private final Microkernel microkernel;
  private final ElementConversions conversions;
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
  private final float[] shift;
  private final BlockStatistics block;

  Float32Updates(
      Microkernel microkernel, ElementConversions conversions, int channels, int rowBytes) {
    super(channels, rowBytes);
    this.microkernel = microkernel;
    this.conversions = conversions;
    this.width = width(microkernel);
    this.panels = (channels + width - 1) / width;
    this.columns = new float[BLOCKS][panels * DEPTH * width];
    this.lines = new byte[BLOCKS][groupsOfLines() * Microkernel.LINES * Microkernel.LINE_BYTES];
    this.sums = new float[groupsOfLines() * Microkernel.LINES * width];
    this.offsets = offsets();
    this.panelSteps = IntStream.range(0, width).map(i -> i * width).toArray();
    this.shift = new float[panels * width];
    this.block = new BlockStatistics(shift.length);
  }

  /** Returns the channels of a panel: two vectors. */
  static int width(Microkernel microkernel) {
    return 2 * microkernel.lanes();
  }

  @Override
  int width() {
    return width;
  }

  @Override
  double number(byte[] rows, int at, int channel) {
    return ElementAccess.float32At(rows, at + channel * Float.BYTES);
  }

  @Override
  double setShift(int channel, double value) {
    shift[channel] = (float) value;
    return shift[channel];
  }

  @Override
  double[] zero() {
    return new double[offsets[groupsOfLines()]];
  }

  /**
   * Packs a block. Multiplies the packed blocks first if they belong to other products or if there
   * are {@link MomentsKernel#BLOCKS} of them.
   */
  @Override
  void add(double[] products, double[] sum, byte[] rows, int count, MomentsCounts counts) {
    if (blocks == BLOCKS || packed != products) {
      finish();
    }
    float[] into = columns[blocks];
    for (int p = 0; p < panels; p++) {
      int at = p * DEPTH * width;
      conversions.packCentred(
          rows, p * width * Float.BYTES, rowBytes, count, width, shift, p * width, into, at, block);
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
    for (int c = 0; c < channels; c++) {
      sum[c] += block.sum()[c];
      counts.add(c, block.min()[c], block.max()[c], (long) block.zeros()[c]);
    }
  }

  /**
   * Multiplies the lines of the packed blocks by their panels, except for groups below the
   * diagonal, and adds the results to the products.
   */
  @Override
  void finish() {
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

  @Override
  int position(int i, int j) {
    int group = i / Microkernel.LINES;
    int panel = j / width - group * Microkernel.LINES / width;
    return offsets[group] + (panel * Microkernel.LINES + i % Microkernel.LINES) * width + j % width;
  }
}
