package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.PixelSample;

/**
 * The pixels of an input that a job learns from, and the destination of its result.
 *
 * @param output absolute path or URI of the file to write
 * @param labels class of each pixel; null without labels
 * @param classes number of classes; labels are 0 … classes − 1; 0 without labels
 * @param ignored the label of pixels without a class; null where all pixels have a class
 * @param sample pixels to take
 * @param holdout hold-out blocks to take
 * @param firstImage first image to take; a previous run processed the images before it
 */
public record PixelSelection(
    String output,
    @Nullable ArrayInfo labels,
    int classes,
    @Nullable Integer ignored,
    PixelSample sample,
    HoldoutSplit holdout,
    long firstImage) {
  /** Selects pixels of all images. */
  public PixelSelection(
      String output,
      @Nullable ArrayInfo labels,
      int classes,
      @Nullable Integer ignored,
      PixelSample sample,
      HoldoutSplit holdout) {
    this(output, labels, classes, ignored, sample, holdout, 0);
  }

  /** All pixels, without labels and without a destination. */
  public static final PixelSelection ALL =
      new PixelSelection("", null, 0, null, PixelSample.ALL, HoldoutSplit.ALL);

  /** Tiles of the labels that a task caches; they may differ from the tiles of the input. */
  public static final int LABEL_TILES = 4;

  /** Heap bytes of the labels in a task that reads tiles of {@code input}. */
  long labelBytes(ArrayInfo input) {
    if (labels == null) {
      return 0;
    }
    long tile = labels.tile().pixels();
    return labels.memory().heap()
        + Integer.BYTES * ((LABEL_TILES + 1) * tile + input.tile().pixels());
  }

  /** The same selection, from {@code image} on. */
  public PixelSelection from(long image) {
    return new PixelSelection(output, labels, classes, ignored, sample, holdout, image);
  }

  /** Selects other pixels of the same input. */
  public PixelSelection withSampling(PixelSample otherSample, HoldoutSplit otherHoldout) {
    return new PixelSelection(
        output, labels, classes, ignored, otherSample, otherHoldout, firstImage);
  }
}
