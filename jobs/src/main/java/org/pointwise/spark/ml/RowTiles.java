package org.pointwise.spark.ml;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.Moments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * Collects the rows of a partition in tiles and computes their moments. The tiles are those of an
 * array {@code x,c} with the same pixels in one file, so that both have bit-identical moments of
 * all pixels. Confined to one thread.
 */
final class RowTiles {
  private static final long TILE_BYTES = 32L << 20;
  private static final int MAX_PIXELS = 1 << 24;
  private static final int FIRST_PIXELS = 256;

  private final FeatureType type;
  private final int channels;
  private final double[] @Nullable [] sums; // of the rows of each class; null for none yet
  private final long[] counts;
  private final int tilePixels;
  private final MomentsKernel kernel;
  private final MomentsTree tree = new MomentsTree();
  private byte[] bytes;
  private int[] labels;
  private int pixels;
  private long tiles;

  /**
   * @param classes number of classes; 0 without labels
   */
  RowTiles(FeatureType type, int channels, int classes) {
    this.type = type;
    this.channels = channels;
    this.sums = new double[classes][];
    this.counts = new long[classes];
    this.tilePixels = tilePixels(type, channels);
    this.bytes = new byte[Math.toIntExact(Math.min(FIRST_PIXELS, tilePixels) * pixelBytes())];
    this.labels = new int[Math.min(FIRST_PIXELS, tilePixels)];
    this.kernel =
        new MomentsKernel(
            KernelProvider.forThisJvm(),
            channels,
            Quantisation.none(type.elements()),
            PixelSample.ALL,
            1);
  }

  /** Returns the number of rows of a tile. */
  static int tilePixels(FeatureType type, int channels) {
    long pixelBytes = (long) channels * type.elements().bytes();
    return (int) Math.max(1, Math.min(MAX_PIXELS, TILE_BYTES / pixelBytes));
  }

  private long pixelBytes() {
    return (long) channels * type.elements().bytes();
  }

  int channels() {
    return channels;
  }

  /**
   * Adds a row.
   *
   * @param label the class; not used without classes
   */
  void add(Object value, int label) {
    if (pixels == labels.length) {
      int more = (int) Math.min(2L * pixels, tilePixels);
      bytes = Arrays.copyOf(bytes, Math.toIntExact(more * pixelBytes()));
      labels = Arrays.copyOf(labels, more);
    }
    type.copy(value, bytes, Math.toIntExact(pixels * pixelBytes()));
    labels[pixels++] = label;
    if (pixels == tilePixels) {
      endTile();
    }
  }

  private void endTile() {
    Box box = new Box(0, 1, 0, 1, 0, pixels);
    ChannelBlock block =
        new ChannelBlock(
            bytes, 0, type.elements(), ByteOrder.LITTLE_ENDIAN, 0, 0, channels, 1, 0, channels);
    kernel.begin();
    kernel.add(new Tile(box, List.of(block), 0), null);
    FeatureMoments moments = new FeatureMoments(channels);
    moments.add(kernel, 0);
    addClasses(moments);
    tree.add(tiles++, moments);
    pixels = 0;
  }

  /** Adds counts and means of the classes of a tile. */
  private void addClasses(FeatureMoments moments) {
    for (int p = 0; p < pixels && counts.length > 0; p++) {
      if (isFinite(p)) {
        double[] sum = sums[labels[p]];
        if (sum == null) {
          sum = new double[channels];
          sums[labels[p]] = sum;
        }
        for (int c = 0; c < channels; c++) {
          sum[c] += number(p, c);
        }
        counts[labels[p]]++;
      }
    }
    for (int label = 0; label < counts.length; label++) {
      double[] mean = sums[label];
      if (mean != null) {
        for (int c = 0; c < channels; c++) {
          mean[c] /= counts[label];
        }
        moments.groups().put(label, new Moments(channels, counts[label], mean, new double[0]));
        sums[label] = null;
        counts[label] = 0;
      }
    }
  }

  /** Returns whether the kernel uses a row. */
  private boolean isFinite(int p) {
    for (int c = 0; c < channels; c++) {
      if (!Float.isFinite((float) number(p, c))) {
        return false;
      }
    }
    return true;
  }

  private double number(int p, int c) {
    int at = Math.toIntExact(p * pixelBytes() + (long) c * type.elements().bytes());
    return ElementAccess.doubleAt(bytes, at, type.elements(), ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns the moments of all rows, and count and mean of each class, as {@link
   * org.pointwise.learn.PooledClasses} expects them. No row may be added afterwards.
   */
  FeatureMoments total() {
    if (pixels > 0) {
      endTile();
    }
    return tree.total(channels);
  }
}
