package org.pointwise.conv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes the moments of one tile: count, mean and co-moments Σ(x − mean)(x − mean)ᵀ of its
 * pixels, by group if pixels are labelled, and smallest number, largest number and count of zeros
 * of each channel.
 *
 * <p>Pixels are shifted by the mean of the tile's first pixels, so that no digits are lost if a
 * mean is large compared with the deviation (Chan, Golub and LeVeque, "Algorithms for computing the
 * sample variance", 1983). If float32 holds the stored type exactly, pixels are dequantised to
 * float32, and products are summed in float32 over up to {@value #BLOCKS} times {@value #DEPTH}
 * pixels; these sums are added in float64. Of other types (float64, integers of 32 and 64 bits),
 * pixels and products are float64. All sums are in an order that is the same on every machine.
 *
 * <p>Nodata pixels and pixels with a number that is not finite, or beyond the range of float32, in
 * which layers are computed, are excluded and counted. The other sampled pixels are usable.
 *
 * <p>Confined to one thread. Reuses its buffers for all tiles ({@link #scratchBytes}).
 */
public final class MomentsKernel {
  /** Pixels that are packed together: a panel of them fits into the first-level cache. */
  static final int DEPTH = 256;

  /**
   * Packed blocks whose products are summed in float32. The number is small enough to lose no
   * significant digits. It is large enough that adding to the float64 sums, which do not fit into a
   * cache, is a small part of the work.
   */
  static final int BLOCKS = 4;

  static final int CACHE_LINE = 64;

  private final int channels;
  private final int rowBytes;
  private final MomentsCounts counts;
  private final MomentsPacker rows;
  private final RankUpdates products;
  private final @Nullable Group[] groups;
  private boolean shifted;

  private final class Group {
    final byte[] staged = new byte[DEPTH * rowBytes];
    final double[] sum = new double[channels];
    final double[] products = MomentsKernel.this.products.zero();
    int pending;
    long count;
  }

  /**
   * @param groups 1, or the number of labels
   */
  public MomentsKernel(
      KernelProvider provider,
      int channels,
      Quantisation quantisation,
      PixelSample sample,
      int groups) {
    this.channels = channels;
    this.counts = new MomentsCounts(channels);
    boolean wide = !quantisation.type().exactAsFloat32();
    int width = wide ? Float64Loops.WIDTH : Float32Updates.width(provider.microkernel());
    int padded = (channels + width - 1) / width * width;
    this.rowBytes = padded * (wide ? Double.BYTES : Float.BYTES) + CACHE_LINE;
    this.rows =
        wide
            ? new Float64Rows(provider.float64(), channels, rowBytes, quantisation, sample, counts)
            : new Float32Rows(
                provider.conversions(), channels, width, rowBytes, quantisation, sample, counts);
    this.products =
        wide
            ? new Float64Updates(provider.float64(), channels, rowBytes)
            : new Float32Updates(
                provider.microkernel(), provider.conversions(), channels, rowBytes);
    this.groups = new Group[groups];
    begin();
  }

  /**
   * Returns the bytes of a kernel's buffers.
   *
   * @param type the type of stored numbers
   */
  public static long scratchBytes(ElementType type, int channels, int groups) {
    long padded = (channels + 63L) / 64 * 64;
    long number = type.exactAsFloat32() ? Float.BYTES : Double.BYTES;
    long staged = DEPTH * (padded * number + CACHE_LINE);
    long products = padded * (padded + 64) / 2 * Double.BYTES;
    return groups * (staged + products + padded * Double.BYTES) + (2 * BLOCKS + 2) * staged;
  }

  /** Resets all sums and counts. The pixels added next belong to another tile. */
  public void begin() {
    for (Group group : groups) {
      if (group != null) {
        group.count = 0;
        group.pending = 0;
        Arrays.fill(group.sum, 0);
        Arrays.fill(group.products, 0);
      }
    }
    counts.reset();
    shifted = false;
  }

  /**
   * Adds the pixels of a tile.
   *
   * @param labels the group of each pixel, in row-major order; null if there is one group
   */
  public void add(Tile tile, int @Nullable [] labels) {
    if (tile.nodata()) {
      rows.leaveOut(tile.box());
      return;
    }
    rows.start(tile);
    while (rows.next(tile)) {
      stage(labels);
    }
    for (Group group : groups) {
      if (group != null && group.pending > 0) {
        flush(group, group.staged, group.pending);
        group.pending = 0;
      }
    }
    products.finish();
  }

  /** Copies the pixels of the block to their groups. */
  private void stage(int @Nullable [] labels) {
    Group only = group(0);
    boolean whole = labels == null && rows.takesAll() && rows.count() == DEPTH;
    if (whole && only.pending == 0) {
      flush(only, rows.bytes(), DEPTH);
      return;
    }
    int first = (int) rows.first();
    for (int p = 0; p < rows.count(); p++) {
      if (!rows.takes(p)) {
        continue;
      }
      Group group = labels == null ? only : group(labels[first + p]);
      System.arraycopy(
          rows.bytes(),
          p * rowBytes,
          group.staged,
          group.pending * rowBytes,
          rowBytes - CACHE_LINE);
      if (++group.pending == DEPTH) {
        flush(group, group.staged, DEPTH);
        group.pending = 0;
      }
    }
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
      products.shiftBy(pixelRows, count);
      shifted = true;
    }
    products.add(group.products, group.sum, pixelRows, count, counts);
    group.count += count;
  }

  /** Returns whether products are summed in float64. */
  public boolean inFloat64() {
    return products instanceof Float64Updates;
  }

  /** Returns the number of pixels of a group. */
  public long count(int group) {
    Group found = groups[group];
    return found == null ? 0 : found.count;
  }

  /** Computes the mean of a group, by channel. The group must have pixels. */
  public void mean(int group, double[] mean) {
    Group found = group(group);
    products.mean(found.sum, found.count, mean);
  }

  /** Computes the co-moments of a group as an {@link UpperTriangle}. The group must have pixels. */
  public void coMoments(int group, double[] triangle) {
    Group found = group(group);
    products.coMoments(found.products, found.sum, found.count, triangle);
  }

  /** Returns the smallest number of the usable pixels, by channel; +∞ if there are no pixels. */
  public double[] min() {
    return counts.min;
  }

  /** Returns the largest number of the usable pixels, by channel; −∞ if there are no pixels. */
  public double[] max() {
    return counts.max;
  }

  /** Returns the number of zeros of the usable pixels, by channel. */
  public long[] zeros() {
    return counts.zeros;
  }

  /** Returns the number of NaN and infinities, by channel. */
  public long[] nonFinite() {
    return counts.nonFinite;
  }

  /** Returns the number of pixels excluded because a number is not finite. */
  public long nonFinitePixels() {
    return counts.nonFinitePixels;
  }

  /** Returns the number of pixels excluded because they are nodata or were never written. */
  public long masked() {
    return counts.masked;
  }
}
