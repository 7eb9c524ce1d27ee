package org.pointwise.jobs;

import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.MomentsSpec;
import org.pointwise.run.Sources;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.TileSplit;
import picocli.CommandLine.Option;

/** Which pixels are learned from. */
final class MomentsOptions {
  @Nullable
  @Option(
      names = "--labels",
      paramLabel = "ARRAY",
      description =
          "The class of each pixel, 0 … classes − 1: an array of whole numbers with the input's axes but c.")
  String labels;

  @Nullable
  @Option(
      names = "--label-axes",
      paramLabel = "A,B,…",
      description =
          "The labels' axes where their file names none (default: the input's, without c).")
  String labelAxes;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description =
          "How many classes there may be; a task keeps moments of each (default: ${DEFAULT-VALUE}).")
  int classes = 16;

  @Nullable
  @Option(
      names = "--ignore-label",
      paramLabel = "L",
      description = "The label of pixels that have no class, such as 255.")
  Integer ignored;

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
          "Leave out this part of the tiles, 0 … 1, chosen in the same way, for evaluate (default: ${DEFAULT-VALUE}).")
  double heldOut;

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
    ArrayInfo labelInfo = labels == null ? null : labels(labels, input);
    return new MomentsSpec(
        output,
        labelInfo,
        labelInfo == null ? 0 : classes,
        ignored,
        sample == 1 ? PixelSample.ALL : new PixelSample(sample, seed),
        split().taking(TileSplit.Part.LEARNED_FROM));
  }

  /** Which tiles are held out. */
  TileSplit split() {
    if (!(heldOut >= 0 && heldOut < 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the tiles: --hold-out is at least 0 and less than 1"
              .formatted(heldOut));
    }
    return heldOut == 0
        ? TileSplit.ALL
        : new TileSplit(new PixelSample(heldOut, seed), TileSplit.Part.ALL);
  }

  private ArrayInfo labels(String uri, ArrayInfo input) {
    if (classes < 2 || classes > 65536) {
      throw new InvalidInputException(
          "Cannot learn %d classes: --classes is 2 … 65536".formatted(classes));
    }
    Axes axes = labelAxes == null ? null : Axes.parseLabels(labelAxes);
    return Sources.openLabels(Stores.ANY, uri, axes, input).info();
  }
}
