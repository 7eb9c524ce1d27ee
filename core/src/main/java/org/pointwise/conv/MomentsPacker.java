package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * Unpacks the pixels of a tile to rows of little-endian numbers, in blocks of {@link
 * MomentsKernel#DEPTH} pixels. Determines which pixels are usable and counts the others. Confined
 * to one thread.
 */
abstract sealed class MomentsPacker permits Float32Rows, Float64Rows {
  private static final int DEPTH = MomentsKernel.DEPTH;

  final int channels;
  final int rowBytes;
  private final PixelSample sample;
  private final MomentsCounts counts;
  private final PixelRuns pixels = new PixelRuns(DEPTH);
  private final boolean[] mask = new boolean[DEPTH];
  private final boolean[] chosen = new boolean[DEPTH];
  private final byte[] unpacked; // [pixel][rowBytes]
  private long first; // first pixel of the block
  private int blockPixels; // pixels of the block
  private boolean all; // whether all pixels of the block are usable

  /**
   * @param rowBytes the bytes between neighbouring rows
   * @param counts receives the excluded pixels
   */
  MomentsPacker(int channels, int rowBytes, PixelSample sample, MomentsCounts counts) {
    this.channels = channels;
    this.rowBytes = rowBytes;
    this.sample = sample;
    this.counts = counts;
    this.unpacked = new byte[DEPTH * rowBytes];
  }

  /** Counts the sampled pixels of a tile as nodata. */
  void leaveOut(Box box) {
    counts.masked += sample.all() ? box.pixels() : choose(box, 0, box.pixels());
  }

  /** Starts a tile with data. */
  void start(Tile tile) {
    first = 0;
    blockPixels = 0;
    pixels.start(tile.box(), DEPTH);
  }

  /**
   * Advances to the tile's next block that has sampled pixels; returns false after the last block.
   */
  boolean next(Tile tile) {
    first += blockPixels;
    while (pixels.next()) {
      blockPixels = pixels.count();
      if (choose(tile.box(), first, blockPixels) > 0) {
        unpack(tile);
        all = true;
        for (int p = 0; p < blockPixels; p++) {
          chosen[p] = chosen[p] && usable(p);
          all &= chosen[p];
        }
        return true;
      }
      first += blockPixels;
    }
    blockPixels = 0;
    return false;
  }

  private void unpack(Tile tile) {
    Arrays.fill(mask, 0, pixels.count(), false);
    if (tile.mask() != null) {
      tile.mask().mark(tile.box(), first, pixels.count(), mask);
    }
    unpack(tile.blocks(), pixels, unpacked, mask);
  }

  /**
   * Unpacks the pixels of a block.
   *
   * @param rows receives the channels of pixel p from {@code p·rowBytes}
   * @param nodata set to true, by pixel of the block, where a number is nodata
   */
  abstract void unpack(List<ChannelBlock> blocks, PixelRuns pixels, byte[] rows, boolean[] nodata);

  /** Returns whether all channels are finite after rounding to float32. */
  abstract boolean finite(byte[] rows, int at);

  /** Returns a channel, rounded to float32. */
  abstract float rounded(byte[] rows, int at, int channel);

  /** Returns the index of the block's first pixel in the tile, in row-major order. */
  long first() {
    return first;
  }

  /** Returns the number of pixels in the block. */
  int count() {
    return pixels.count();
  }

  /** Returns whether pixel p of the block is usable: sampled, not nodata, and finite. */
  boolean takes(int p) {
    return chosen[p];
  }

  /** Returns whether all pixels of the block are usable. */
  boolean takesAll() {
    return all;
  }

  /** Returns the block's rows: the channels of pixel p begin at {@code p·rowBytes}. */
  byte[] bytes() {
    return unpacked;
  }

  /**
   * Marks the sampled pixels among {@code first … first + count} of a box and returns their number.
   */
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

  /** Returns whether a pixel is usable, and counts it if it is not. */
  private boolean usable(int p) {
    if (mask[p]) {
      counts.masked++;
      return false;
    }
    if (finite(unpacked, p * rowBytes)) {
      return true;
    }
    counts.nonFinitePixels++;
    for (int c = 0; c < channels; c++) {
      counts.nonFinite[c] += Float.isFinite(rounded(unpacked, p * rowBytes, c)) ? 0 : 1;
    }
    return false;
  }
}
