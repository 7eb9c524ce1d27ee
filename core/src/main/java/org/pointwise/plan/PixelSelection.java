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
 * @param holdout which tiles to take
 * @param firstImage images before it were seen by an earlier pass
 */
public record PixelSelection(
    String output,
    @Nullable ArrayInfo labels,
    int classes,
    @Nullable Integer ignored,
    PixelSample sample,
    HoldoutSplit holdout,
    long firstImage) {
  /** Of all images. */
  public PixelSelection(
      String output,
      @Nullable ArrayInfo labels,
      int classes,
      @Nullable Integer ignored,
      PixelSample sample,
      HoldoutSplit holdout) {
    this(output, labels, classes, ignored, sample, holdout, 0);
  }

  /** All pixels, without labels and for no file. */
  public static final PixelSelection ALL =
      new PixelSelection("", null, 0, null, PixelSample.ALL, HoldoutSplit.ALL);

  /** Cells of the labels that a task keeps; they need not be the input's. */
  public static final int LABEL_TILES = 4;

  /** Heap that the labels take in a task that reads cells of {@code input}. */
  long labelBytes(ArrayInfo input) {
    if (labels == null) {
      return 0;
    }
    long tile = labels.tile().pixels();
    return labels.memory().heap()
        + Integer.BYTES * ((LABEL_TILES + 1) * tile + input.tile().pixels());
  }

  /** The same of images from one on. */
  public PixelSelection from(long image) {
    return new PixelSelection(output, labels, classes, ignored, sample, holdout, image);
  }

  /** Other pixels of the same input. */
  public PixelSelection with(PixelSample otherSample, HoldoutSplit otherHoldout) {
    return new PixelSelection(
        output, labels, classes, ignored, otherSample, otherHoldout, firstImage);
  }
}
