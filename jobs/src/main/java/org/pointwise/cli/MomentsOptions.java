package org.pointwise.cli;

import org.pointwise.PixelsSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that select the pixels to learn from. */
final class MomentsOptions {
  @Mixin LabelOptions labels = new LabelOptions();

  @Option(
      names = "--sample",
      paramLabel = "P",
      description =
          "Fraction of the pixels to use (default: ${DEFAULT-VALUE}). It is more than 0 and at most 1. The coordinates of the pixels and --seed determine which pixels are used.")
  double sample = 1;

  @Option(
      names = "--test-size",
      paramLabel = "P",
      description =
          "Fraction of blocks to hold out (default: ${DEFAULT-VALUE}). It is at least 0 and less than 1. The blocks are left out for 'evaluate'. Their numbers and --seed determine which; the fraction is exact to within one block.")
  double heldOut;

  @Rare
  @Option(
      names = "--hold-out-block",
      paramLabel = "B",
      description =
          "Hold out blocks of B×B pixels (default: ${DEFAULT-VALUE}). With 0, a block is the part of an image that one chunk holds.")
  int block;

  @Rare
  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Random seed of all random choices (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  /** Returns the selection of pixels. */
  PixelsSpec spec() {
    return new PixelsSpec(labels.spec(), sample, heldOut, block, seed);
  }
}
