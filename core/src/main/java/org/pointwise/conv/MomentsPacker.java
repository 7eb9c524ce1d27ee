package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * Unpacks the pixels of a tile to rows of little-endian float32, in blocks of {@link
 * MomentsKernel#DEPTH} pixels. Determines which pixels are usable and counts the others. Confined
 * to one thread.
 */
final class MomentsPacker {
  private static final int DEPTH = MomentsKernel.DEPTH;

  /** Channels that are transposed together. */
  private static final int PLANES = 16;

  /** Floats between planes, so that the channels of one pixel do not share a cache set. */
  private static final int PLANE = DEPTH + MomentsKernel.CACHE_LINE / Float.BYTES;

  private final ElementConversions conversions;
  private final PanelPacker packer;
  private final Quantisation quantisation;
  private final PixelSample sample;
  private final MomentsCounts counts;
  private final int channels;
  private final int width; // of a panel
  private final int rowBytes;

  private final PixelRuns pixels = new PixelRuns(DEPTH);
  private final boolean[] mask = new boolean[DEPTH];
  private final boolean[] chosen = new boolean[DEPTH];
  private final byte[] unpacked; // [pixel][rowBytes]
  private final byte[] plane = new byte[DEPTH * Float.BYTES];
  private final float[] planeFloats = new float[PLANES * PLANE];
  private final int[] planeSteps;
  private final double[] base;
  private boolean based;
  private long first; // first pixel of the block
  private int blockPixels; // pixels of the block
  private boolean all; // whether all pixels of the block are usable

  /**
   * @param width the channels of a panel; a row is a whole number of panels
   * @param rowBytes the bytes between neighbouring rows
   * @param counts receives the excluded pixels, and the zeros that {@link #base} hides
   */
  MomentsPacker(
      ElementConversions conversions,
      int channels,
      int width,
      int rowBytes,
      Quantisation quantisation,
      PixelSample sample,
      MomentsCounts counts) {
    this.conversions = conversions;
    this.packer = new PanelPacker(quantisation, conversions);
    this.quantisation = quantisation;
    this.sample = sample;
    this.counts = counts;
    this.channels = channels;
    this.width = width;
    this.rowBytes = rowBytes;
    this.unpacked = new byte[DEPTH * rowBytes];
    this.planeSteps = IntStream.range(0, width).map(i -> i * PLANE).toArray();
    this.base = new double[channels];
  }

  /** Resets the base. */
  void reset() {
    Arrays.fill(base, 0);
    based = false;
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
    if (!tile.blocks().get(0).type().exactAsFloat32()) {
      unpackWide(tile);
    } else if (tile.blocks().get(0).strideC() > 1) {
      unpackPlanes(tile.blocks());
    } else {
      packer.pixels(
          tile.blocks(), pixels, 0, pixels.count(), 0, channels, unpacked, rowBytes, mask);
    }
  }

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
   * Returns the numbers by which float64 and wide integers are shifted before rounding, by channel:
   * those of the tile's first usable pixel; 0 for other types.
   */
  double[] base() {
    return base;
  }

  /** Decodes a few planes at a time and transposes them while they are in the cache. */
  private void unpackPlanes(List<ChannelBlock> blocks) {
    for (int c = 0; c < channels; c += PLANES) {
      int count = Math.min(PLANES, channels - c);
      for (int i = 0; i < count; i++) {
        packer.plane(blocks, pixels, c + i, plane, 0, mask);
        conversions.packPanels(plane, 0, pixels.count(), planeFloats, i * PLANE, width, width);
      }
      conversions.transpose(
          planeFloats, 0, planeSteps, pixels.count(), count, unpacked, c * Float.BYTES, rowBytes);
    }
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
    if (conversions.finite(unpacked, p * rowBytes, channels)) {
      return true;
    }
    counts.nonFinitePixels++;
    for (int c = 0; c < channels; c++) {
      float value = ElementAccess.float32At(unpacked, p * rowBytes + c * Float.BYTES);
      counts.nonFinite[c] += Float.isFinite(value) ? 0 : 1;
    }
    return false;
  }

  /**
   * Unpacks numbers that float32 cannot hold, shifted by those of the tile's first usable pixel.
   * Numbers beyond the range of float32 become infinite.
   */
  private void unpackWide(Tile tile) {
    Box box = tile.box();
    Nodata nodata = quantisation.nodata();
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
              from.byteOffset(
                  pixel / box.x() / box.y(), pixel / box.x() % box.y(), pixel % box.x(), c);
          double stored = ElementAccess.doubleAt(from.bytes(), at, from.type(), from.order());
          mask[p] |= nodata != null && nodata.isAt(from.bytes(), at, from.order());
          double value = quantisation.decode(stored, from.firstChannel() + c);
          finite &= Float.isFinite((float) value);
          values[from.firstChannel() + c] = value;
        }
      }
      if (!based && finite && !mask[p]) {
        System.arraycopy(values, 0, base, 0, channels);
        based = true;
      }
      for (int c = 0; c < channels; c++) {
        counts.zeros[c] += finite && !mask[p] && base[c] != 0 && values[c] == 0 ? 1 : 0;
        float rounded = (float) values[c];
        ElementAccess.putFloat32(
            unpacked,
            p * rowBytes + c * Float.BYTES,
            Float.isFinite(rounded) ? (float) (values[c] - base[c]) : rounded);
      }
    }
  }
}
