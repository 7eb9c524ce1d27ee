package org.pointwise.spark.ml;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.pointwise.conv.KernelProvider;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * Collects the rows of a partition in tiles and computes their moments. The tiles are those of an
 * array {@code x,c} with the same pixels in one file, so that both have bit-identical moments.
 * Confined to one thread.
 */
final class RowTiles {
  private static final long TILE_BYTES = 32L << 20;
  private static final int MAX_PIXELS = 1 << 24;
  private static final int FIRST_PIXELS = 256;

  private final FeatureType type;
  private final int channels;
  private final int classes;
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
    this.classes = classes;
    this.tilePixels = (int) Math.max(1, Math.min(MAX_PIXELS, TILE_BYTES / pixelBytes()));
    this.bytes = new byte[Math.toIntExact(Math.min(FIRST_PIXELS, tilePixels) * pixelBytes())];
    this.labels = new int[Math.min(FIRST_PIXELS, tilePixels)];
    this.kernel =
        new MomentsKernel(
            KernelProvider.forThisJvm(),
            channels,
            Quantisation.none(type.elements()),
            PixelSample.ALL,
            classes + 1);
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
   * @param label the class; {@code classes} for none
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
    kernel.add(new Tile(box, List.of(block), 0), classes == 0 ? null : labels);
    FeatureMoments moments = new FeatureMoments(channels);
    moments.add(kernel, classes);
    tree.add(tiles++, moments);
    pixels = 0;
  }

  /** Returns the moments of all rows. No row may be added afterwards. */
  FeatureMoments total() {
    if (pixels > 0) {
      endTile();
    }
    return tree.total(channels);
  }
}
