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
          "Learn from this part of the pixels, 0 … 1, chosen by their coordinates and --seed (default: ${DEFAULT-VALUE}).")
  double sample = 1;

  @Option(
      names = "--test-size",
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

  /** Returns the selection of pixels. */
  PixelsSpec spec() {
    return new PixelsSpec(labels.spec(), sample, heldOut, block, seed);
  }
}
