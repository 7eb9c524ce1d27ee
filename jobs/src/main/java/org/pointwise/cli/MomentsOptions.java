package org.pointwise.cli;

import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.plan.TileSplit;
import org.pointwise.tensor.PixelSample;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which pixels are learned from. */
final class MomentsOptions {
  @Mixin LabelOptions labels = new LabelOptions();

  @Option(
      names = "--sample",
      paramLabel = "P",
      description =
          "Learn from this part of the pixels, 0 … 1, chosen by their coordinates and --seed (default: ${DEFAULT-VALUE}).")
  double sample = 1;

  @Option(
      names = "--hold-out",
      paramLabel = "P",
      description =
          "Leave out this part of the tiles, 0 … 1, to within one tile, chosen by their numbers and --seed, for evaluate (default: ${DEFAULT-VALUE}).")
  double heldOut;

  @Option(
      names = "--hold-out-block",
      paramLabel = "B",
      description =
          "Hold out blocks of B×B pixels instead of the parts of images that a chunk holds; 0 for those (default: ${DEFAULT-VALUE}).")
  int block;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of all that is drawn (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  /** The spec of a pass over {@code input} to {@code output}. */
  MomentsSpec spec(String output, ArrayInfo input) {
    if (!(sample > 0 && sample <= 1)) {
      throw new InvalidInputException(
          "Cannot take a sample of %s: --sample is more than 0 and at most 1".formatted(sample));
    }
    ArrayInfo labelInfo = labels.of(input);
    return new MomentsSpec(
        output,
        labelInfo,
        labelInfo == null ? 0 : labels.classes,
        labels.ignored,
        sample == 1 ? PixelSample.ALL : new PixelSample(sample, seed),
        split().taking(TileSplit.Part.LEARNED_FROM));
  }

  static void requireBlock(int block) {
    if (block < 0) {
      throw new InvalidInputException(
          "Cannot hold out blocks of %d pixels: --hold-out-block is at least 0".formatted(block));
    }
  }

  /** Which tiles are held out. */
  TileSplit split() {
    if (!(heldOut >= 0 && heldOut < 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the tiles: --hold-out is at least 0 and less than 1"
              .formatted(heldOut));
    }
    requireBlock(block);
    return heldOut == 0 ? TileSplit.ALL : new TileSplit(heldOut, seed, block, TileSplit.Part.ALL);
  }
}
