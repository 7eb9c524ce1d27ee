package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Nodata;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;
import org.pointwise.tensor.Triangle;

/**
 * The moments of one tile: count, mean and co-moments Σ(x − mean)(x − mean)ᵀ of its pixels, by
 * group where pixels are labelled, and least, most and zeros of each channel.
 *
 * <p>Pixels are shifted by the mean of the tile's first ones, so that digits are not lost where a
 * mean is large against the deviation (Chan, Golub and LeVeque, "Algorithms for computing the
 * sample variance", 1983). Products are summed in float32 over up to {@value #BLOCKS} times {@value
 * #DEPTH} pixels, in an order that is the same on every machine, and these sums in float64. Nodata
 * pixels, and those with a number that is not finite, are left out and counted.
 *
 * <p>Confined to one thread; it keeps its buffers from tile to tile ({@link #scratchBytes}).
 */
public final class MomentsKernel {
  /** Pixels that are packed together: a panel of them fits the L1 cache. */
  static final int DEPTH = 256;

  /**
   * Packed blocks whose products are summed in float32: few enough to lose no digit that matters,
   * and enough that adding to the float64 sums, which fit no cache, is a small part of the work.
   */
  static final int BLOCKS = 4;

  /** Pixels that make the shift. */
  private static final int SHIFT_PIXELS = 16;

  private static final int CACHE_LINE = 64;

  /** Channels that are turned together. */
  private static final int PLANES = 16;

  /** Floats between planes, so that one pixel's channels do not share a cache set. */
  private static final int PLANE = DEPTH + CACHE_LINE / Float.BYTES;

  private final Microkernel microkernel;
  private final NumberRuns numbers;
  private final Unpacker unpacker;
  private final Dequantisation dequantisation;
  private final PixelSample sample;
  private final int channels;
  private final int width; // of a panel
  private final int panels;
  private final int rowBytes;

  private final PixelRuns pixels = new PixelRuns(DEPTH);
  private final boolean[] mask = new boolean[DEPTH];
  private final boolean[] chosen = new boolean[DEPTH];
  private final byte[] unpacked; // [pixel][rowBytes]
  private final byte[] plane = new byte[DEPTH * Float.BYTES];
  private final float[] planeFloats = new float[PLANES * PLANE];
  private final float[][] columns; // [block][panel][pixel][width]
  private final byte[][] lines; // [block][channel][LINE]
  private final int[] depths = new int[BLOCKS]; // pixels of each block
  private int blocks; // packed
  private @Nullable Group packed; // whose they are
  private final float[] sums; // of all groups of lines and a panel
  private final int[] offsets; // of a group of lines and the panel of its first channel
  private final int[] panelSteps;
  private final int[] planeSteps;
  private final float[] shift;
  private final double[] base; // what float64 and wide integers are shifted by before rounding
  private final BlockStatistics block;
  private final @Nullable Group[] groups;

  private final double[] least;
  private final double[] most;
  private final long[] zeros;
  private final long[] nonFinite;
  private boolean shifted;
  private boolean based;
  private long masked;
  private long nonFinitePixels;

  private final class Group {
    final byte[] staged = new byte[DEPTH * rowBytes];
    final double[] sum = new double[panels * width];
    final double[] products = new double[offsets[groupsOfLines()]];
    int waiting;
    long count;
  }

  /**
   * @param groups 1, or how many labels there are
   */
  public MomentsKernel(
      KernelChoice choice,
      int channels,
      Dequantisation dequantisation,
      PixelSample sample,
      int groups) {
    this.microkernel = choice.microkernel();
    this.numbers = choice.numbers();
    this.unpacker = new Unpacker(dequantisation, choice.numbers());
    this.dequantisation = dequantisation;
    this.sample = sample;
    this.channels = channels;
    this.width = 2 * microkernel.lanes();
    this.panels = (channels + width - 1) / width;
    this.rowBytes = panels * width * Float.BYTES + CACHE_LINE;
    this.unpacked = new byte[DEPTH * rowBytes];
    this.columns = new float[BLOCKS][panels * DEPTH * width];
    this.lines = new byte[BLOCKS][groupsOfLines() * Microkernel.LINES * Microkernel.LINE_BYTES];
    this.sums = new float[groupsOfLines() * Microkernel.LINES * width];
    this.offsets = offsets();
    this.panelSteps = IntStream.range(0, width).map(i -> i * width).toArray();
    this.planeSteps = IntStream.range(0, width).map(i -> i * PLANE).toArray();
    this.shift = new float[panels * width];
    this.base = new double[channels];
    this.block = new BlockStatistics(panels * width);
    this.groups = new Group[groups];
    this.least = new double[channels];
    this.most = new double[channels];
    this.zeros = new long[channels];
    this.nonFinite = new long[channels];
    begin();
  }

  /** Bytes that a kernel keeps. */
  public static long scratchBytes(int channels, int groups) {
    long padded = (channels + 63L) / 64 * 64;
    long staged = DEPTH * (padded * Float.BYTES + CACHE_LINE);
    long products = padded * (padded + 64) / 2 * Double.BYTES;
    return groups * (staged + products + padded * Double.BYTES) + (2 * BLOCKS + 2) * staged;
  }

  /** Forgets everything: what follows are the pixels of another tile. */
  public void begin() {
    for (Group group : groups) {
      if (group != null) {
        group.count = 0;
        group.waiting = 0;
        Arrays.fill(group.sum, 0);
        Arrays.fill(group.products, 0);
      }
    }
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    Arrays.fill(zeros, 0);
    Arrays.fill(nonFinite, 0);
    Arrays.fill(base, 0);
    shifted = false;
    based = false;
    masked = 0;
    nonFinitePixels = 0;
  }

  /**
   * Adds the pixels of a tile.
   *
   * @param labels the group of each pixel, in row-major order; null when there is one group
   */
  public void add(Tile tile, int @Nullable [] labels) {
    if (tile.nodata()) {
      masked += sample.all() ? tile.box().pixels() : choose(tile.box(), 0, tile.box().pixels());
      return;
    }
    boolean wide = !tile.blocks().get(0).type().exactAsFloat32();
    boolean planes = tile.blocks().get(0).strideC() > 1;
    pixels.start(tile.box(), DEPTH);
    for (long first = 0; pixels.next(); first += pixels.count()) {
      if (choose(tile.box(), first, pixels.count()) > 0) {
        Arrays.fill(mask, 0, pixels.count(), false);
        if (wide) {
          unpackWide(tile, first);
        } else if (planes) {
          unpackPlanes(tile.blocks());
        } else {
          unpacker.pixels(
              tile.blocks(), pixels, 0, pixels.count(), 0, channels, unpacked, rowBytes, mask);
        }
        stage(labels, (int) first);
      }
    }
    for (Group group : groups) {
      if (group != null && group.waiting > 0) {
        flush(group, group.staged, group.waiting);
        group.waiting = 0;
      }
    }
    multiply();
  }

  /** Planes are decoded a few at a time and turned to pixels while they are in the cache. */
  private void unpackPlanes(List<ChannelBlock> blocks) {
    for (int c = 0; c < channels; c += PLANES) {
      int count = Math.min(PLANES, channels - c);
      for (int i = 0; i < count; i++) {
        unpacker.plane(blocks, pixels, c + i, plane, 0, mask);
        numbers.spread(plane, 0, pixels.count(), planeFloats, i * PLANE, width, width);
      }
      numbers.transpose(
          planeFloats, 0, planeSteps, pixels.count(), count, unpacked, c * Float.BYTES, rowBytes);
    }
  }

  /** Marks the pixels {@code first … first + count} of a box that are sampled; how many. */
  private long choose(Box box, long first, long count) {
    if (sample.all()) {
      Arrays.fill(chosen, 0, (int) count, true);
      return count;
    }
    long found = 0;
    for (long p = 0; p < count; p++) {
      long pixel = first + p;
      long x = box.x0() + pixel % box.x();
      long y = box.y0() + pixel / box.x() % box.y();
      boolean contains = sample.contains(box.n0() + pixel / box.x() / box.y(), y, x);
      chosen[(int) (p % DEPTH)] = contains;
      found += contains ? 1 : 0;
    }
    return found;
  }

  /** Gives the pixels of the block to their groups. */
  private void stage(int @Nullable [] labels, int first) {
    int count = pixels.count();
    boolean all = labels == null;
    for (int p = 0; p < count; p++) {
      if (chosen[p]) {
        chosen[p] = usable(p);
      }
      all &= chosen[p];
    }
    Group only = group(0);
    if (all && count == DEPTH && only.waiting == 0) {
      flush(only, unpacked, DEPTH);
      return;
    }
    for (int p = 0; p < count; p++) {
      if (!chosen[p]) {
        continue;
      }
      Group group = labels == null ? only : group(labels[first + p]);
      System.arraycopy(
          unpacked, p * rowBytes, group.staged, group.waiting * rowBytes, rowBytes - CACHE_LINE);
      if (++group.waiting == DEPTH) {
        flush(group, group.staged, DEPTH);
        group.waiting = 0;
      }
    }
  }

  /** Whether a pixel takes part; counts it where not. */
  private boolean usable(int p) {
    if (mask[p]) {
      masked++;
      return false;
    }
    if (numbers.finite(unpacked, p * rowBytes, channels)) {
      return true;
    }
    nonFinitePixels++;
    for (int c = 0; c < channels; c++) {
      float value = Elements.float32At(unpacked, p * rowBytes + c * Float.BYTES);
      nonFinite[c] += Float.isFinite(value) ? 0 : 1;
    }
    return false;
  }

  private Group group(int label) {
    Group group = groups[label];
    if (group == null) {
      group = new Group();
      groups[label] = group;
    }
    return group;
  }

  private void flush(Group group, byte[] pixelRows, int count) {
    if (!shifted) {
      shiftBy(pixelRows, Math.min(count, SHIFT_PIXELS));
    }
    if (blocks == BLOCKS || packed != group) {
      multiply();
    }
    float[] into = columns[blocks];
    for (int p = 0; p < panels; p++) {
      int at = p * DEPTH * width;
      numbers.centre(
          pixelRows,
          p * width * Float.BYTES,
          rowBytes,
          count,
          width,
          shift,
          p * width,
          into,
          at,
          block);
      numbers.transpose(
          into,
          at,
          panelSteps,
          Math.min(width, channels - p * width),
          count,
          lines[blocks],
          p * width * Microkernel.LINE_BYTES,
          Microkernel.LINE_BYTES);
    }
    for (int c = 0; c < channels; c++) {
      group.sum[c] += block.sum()[c];
      least[c] = Math.min(least[c], block.least()[c] + base[c]);
      most[c] = Math.max(most[c], block.most()[c] + base[c]);
      zeros[c] += base[c] == 0 ? (long) block.zeros()[c] : 0;
    }
    depths[blocks++] = count;
    packed = group;
    group.count += count;
  }

  /**
   * Adds the products of the packed blocks' lines with their panels, but for those below the
   * diagonal, to their group.
   */
  private void multiply() {
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
        microkernel.addWidened(sums, g * step, step, packed.products, to);
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

  private void shiftBy(byte[] pixelRows, int count) {
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int p = 0; p < count; p++) {
        sum += Elements.float32At(pixelRows, p * rowBytes + c * Float.BYTES);
      }
      shift[c] = (float) (sum / count);
    }
    shifted = true;
  }

  /** Numbers that float32 cannot hold are shifted by those of the tile's first usable pixel. */
  private void unpackWide(Tile tile, long first) {
    Box box = tile.box();
    Nodata nodata = dequantisation.nodata();
    for (int p = 0; p < pixels.count(); p++) {
      if (!chosen[p]) {
        continue;
      }
      long pixel = first + p;
      double[] values = new double[channels];
      boolean finite = true;
      for (ChannelBlock from : tile.blocks()) {
        for (int c = 0; c < from.channels(); c++) {
          int at =
              from.at(pixel / box.x() / box.y(), pixel / box.x() % box.y(), pixel % box.x(), c);
          double stored = Elements.doubleAt(from.bytes(), at, from.type(), from.order());
          mask[p] |= nodata != null && nodata.isAt(from.bytes(), at, from.order());
          double value = dequantisation.apply(stored, from.firstChannel() + c);
          finite &= Double.isFinite(value);
          values[from.firstChannel() + c] = value;
        }
      }
      if (!based && finite && !mask[p]) {
        System.arraycopy(values, 0, base, 0, channels);
        based = true;
      }
      for (int c = 0; c < channels; c++) {
        zeros[c] += finite && !mask[p] && base[c] != 0 && values[c] == 0 ? 1 : 0;
        Elements.putFloat32(
            unpacked, p * rowBytes + c * Float.BYTES, (float) (values[c] - base[c]));
      }
    }
  }

  /** Pixels of a group. */
  public long count(int group) {
    Group found = groups[group];
    return found == null ? 0 : found.count;
  }

  /** The mean of a group that has pixels, by channel. */
  public void mean(int group, double[] mean) {
    Group found = group(group);
    for (int c = 0; c < channels; c++) {
      mean[c] = base[c] + shift[c] + found.sum[c] / found.count;
    }
  }

  /** The co-moments of a group that has pixels, as a {@link Triangle}. */
  public void coMoments(int group, double[] triangle) {
    Group found = group(group);
    int diagonal = 0;
    for (int i = 0; i < channels; i++) {
      double mean = found.sum[i] / found.count;
      int at = diagonal - i; // of channel 0 in the row
      for (int from = i; from < channels; from = (from / width + 1) * width) {
        int to = Math.min(channels, (from / width + 1) * width);
        int products = position(i, from) - from;
        for (int j = from; j < to; j++) {
          triangle[at + j] = found.products[products + j] - found.sum[j] * mean;
        }
      }
      triangle[diagonal] = Math.max(0, triangle[diagonal]);
      diagonal += channels - i;
    }
  }

  /** The least number of each usable pixel, by channel; +∞ without pixels. */
  public double[] least() {
    return least;
  }

  /** The largest number of each usable pixel, by channel; −∞ without pixels. */
  public double[] most() {
    return most;
  }

  /** Zeros of the usable pixels, by channel. */
  public long[] zeros() {
    return zeros;
  }

  /** Numbers that are NaN or infinite, by channel. */
  public long[] nonFinite() {
    return nonFinite;
  }

  /** Pixels left out because a number is not finite. */
  public long nonFinitePixels() {
    return nonFinitePixels;
  }

  /** Pixels left out because they are nodata, or were never written. */
  public long masked() {
    return masked;
  }
}
