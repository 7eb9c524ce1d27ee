package org.pointwise;

import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;

/**
 * Selects the pixels to learn from. Immutable.
 *
 * @param labels the classes of the pixels; null for none
 * @param sample the fraction of the pixels to use, chosen by their coordinates and the seed; more
 *     than 0 and at most 1
 * @param holdOut the fraction of the hold-out blocks to leave out, exact to within one block; at
 *     least 0 and less than 1
 * @param holdOutBlock rows and columns of a hold-out block; 0: a block is the part of an image that
 *     one chunk holds
 * @param seed random seed of all random choices
 */
public record PixelsSpec(
    @Nullable LabelsSpec labels, double sample, double holdOut, int holdOutBlock, long seed) {
  /**
   * @throws IllegalArgumentException if a number is outside its range
   */
  public PixelsSpec {
    if (!(sample > 0 && sample <= 1)) {
      throw new IllegalArgumentException("--sample must be more than 0 and at most 1");
    }
    if (!(holdOut >= 0 && holdOut < 1)) {
      throw new IllegalArgumentException("--test-size must be at least 0 and less than 1");
    }
    requireBlock(holdOutBlock);
  }

  /** All pixels, without labels and with random seed 1. */
  public static final PixelsSpec ALL = new PixelsSpec(null, 1, 0, 0, 1);

  /** Returns this spec with classes. */
  public PixelsSpec withLabels(LabelsSpec classes) {
    return new PixelsSpec(classes, sample, holdOut, holdOutBlock, seed);
  }

  /** Returns this spec with another fraction of the pixels. */
  public PixelsSpec withSample(double part) {
    return new PixelsSpec(labels, part, holdOut, holdOutBlock, seed);
  }

  /** Returns this spec with another fraction of the hold-out blocks left out. */
  public PixelsSpec withHoldOut(double part) {
    return new PixelsSpec(labels, sample, part, holdOutBlock, seed);
  }

  /** Returns this spec with hold-out blocks of so many rows and columns. */
  public PixelsSpec withHoldOutBlock(int side) {
    return new PixelsSpec(labels, sample, holdOut, side, seed);
  }

  /** Returns this spec with another random seed. */
  public PixelsSpec withSeed(long other) {
    return new PixelsSpec(labels, sample, holdOut, holdOutBlock, other);
  }

  /** Selects the pixels of an input, for a pass whose result is stored as {@code output}. */
  PixelSelection of(ArrayInfo input, String output, ByteStores stores) {
    ArrayInfo classes = LabelsSpec.open(labels, stores, input);
    return new PixelSelection(
        output,
        classes,
        labels == null ? 0 : labels.classes(),
        labels == null ? null : labels.ignored(),
        sample == 1 ? PixelSample.ALL : new PixelSample(sample, seed),
        split().withPart(HoldoutSplit.Part.TRAIN));
  }

  private HoldoutSplit split() {
    return holdOut == 0
        ? HoldoutSplit.ALL
        : new HoldoutSplit(holdOut, seed, holdOutBlock, HoldoutSplit.Part.ALL);
  }

  static void requireBlock(int block) {
    if (block < 0) {
      throw new IllegalArgumentException("--hold-out-block must be at least 0");
    }
  }
}
