package org.pointwise;

import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.PixelSelection;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.PixelSample;

/**
 * Which pixels are learned from.
 *
 * @param labels their classes; null for none
 * @param sample the part of the pixels, chosen by their coordinates and the seed; more than 0 and
 *     at most 1
 * @param holdOut the part of the tiles that is left out, to within one tile; at least 0 and less
 *     than 1
 * @param holdOutBlock rows and columns of the blocks that are held out; 0: the parts of images that
 *     a chunk holds
 * @param seed of all that is drawn
 */
public record PixelsSpec(
    @Nullable LabelsSpec labels, double sample, double holdOut, int holdOutBlock, long seed) {
  /** All pixels, without labels. */
  public static final PixelsSpec ALL = new PixelsSpec(null, 1, 0, 0, 1);

  /** The same pixels with classes. */
  public PixelsSpec withLabels(LabelsSpec classes) {
    return new PixelsSpec(classes, sample, holdOut, holdOutBlock, seed);
  }

  /** A part of the pixels. */
  public PixelsSpec withSample(double part) {
    return new PixelsSpec(labels, part, holdOut, holdOutBlock, seed);
  }

  /** The same but for a part of the tiles. */
  public PixelsSpec withHoldOut(double part) {
    return new PixelsSpec(labels, sample, part, holdOutBlock, seed);
  }

  /** The same, but held-out tiles are blocks of so many rows and columns. */
  public PixelsSpec withHoldOutBlock(int side) {
    return new PixelsSpec(labels, sample, holdOut, side, seed);
  }

  /** The same with another seed. */
  public PixelsSpec withSeed(long other) {
    return new PixelsSpec(labels, sample, holdOut, holdOutBlock, other);
  }

  /** Those of an input, for a pass whose result becomes {@code output}. */
  PixelSelection of(ArrayInfo input, String output, ByteStores stores) {
    if (!(sample > 0 && sample <= 1)) {
      throw new InvalidInputException(
          "Cannot take a sample of %s: --sample is more than 0 and at most 1".formatted(sample));
    }
    ArrayInfo classes = LabelsSpec.open(labels, stores, input);
    return new PixelSelection(
        output,
        classes,
        labels == null ? 0 : labels.classes(),
        labels == null ? null : labels.ignored(),
        sample == 1 ? PixelSample.ALL : new PixelSample(sample, seed),
        split().taking(HoldoutSplit.Part.TRAIN));
  }

  private HoldoutSplit split() {
    if (!(holdOut >= 0 && holdOut < 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the tiles: --test-size is at least 0 and less than 1"
              .formatted(holdOut));
    }
    requireBlock(holdOutBlock);
    return holdOut == 0
        ? HoldoutSplit.ALL
        : new HoldoutSplit(holdOut, seed, holdOutBlock, HoldoutSplit.Part.ALL);
  }

  static void requireBlock(int block) {
    if (block < 0) {
      throw new InvalidInputException(
          "Cannot hold out blocks of %d pixels: --hold-out-block is at least 0".formatted(block));
    }
  }
}
