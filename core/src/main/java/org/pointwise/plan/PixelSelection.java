package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.PixelSample;

/**
 * The pixels of an input that are learned from, and where what is found of them goes.
 *
 * @param output absolute path or URI of the file to write
 * @param labels class of each pixel; null for none
 * @param classes labels are 0 … classes − 1; 0 without labels
 * @param ignored the label of pixels that have none; null where all have one
 * @param sample pixels to take
 * @param tiles which tiles to take
 * @param firstImage images before it were seen by an earlier pass
 */
public record PixelSelection(
    String output,
    @Nullable ArrayInfo labels,
    int classes,
    @Nullable Integer ignored,
    PixelSample sample,
    TileSplit tiles,
    long firstImage) {
  /** Of all images. */
  public PixelSelection(
      String output,
      @Nullable ArrayInfo labels,
      int classes,
      @Nullable Integer ignored,
      PixelSample sample,
      TileSplit tiles) {
    this(output, labels, classes, ignored, sample, tiles, 0);
  }

  /** All pixels, without labels and for no file. */
  public static final PixelSelection ALL =
      new PixelSelection("", null, 0, null, PixelSample.ALL, TileSplit.ALL);

  /** Cells of the labels that a task keeps; they need not be the input's. */
  public static final int LABEL_CELLS = 4;

  /** Heap that the labels take in a task that reads cells of {@code input}. */
  long labelBytes(ArrayInfo input) {
    if (labels == null) {
      return 0;
    }
    long cell = labels.cell().pixels();
    return labels.memory().heap()
        + Integer.BYTES * ((LABEL_CELLS + 1) * cell + input.cell().pixels());
  }

  /** The same of images from one on. */
  public PixelSelection from(long image) {
    return new PixelSelection(output, labels, classes, ignored, sample, tiles, image);
  }

  /** Other pixels of the same input. */
  public PixelSelection with(PixelSample otherSample, TileSplit otherTiles) {
    return new PixelSelection(
        output, labels, classes, ignored, otherSample, otherTiles, firstImage);
  }
}
