package org.pointwise.cli;

import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.hadoop.Stores;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.Option;

/** The classes of pixels. */
final class LabelOptions {
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

  boolean given() {
    return labels != null;
  }

  /** The labels of an input; null for none. */
  @Nullable ArrayInfo of(ArrayInfo input) {
    if (labels == null) {
      return null;
    }
    if (classes < 2 || classes > 65536) {
      throw new InvalidInputException(
          "Cannot learn %d classes: --classes is 2 … 65536".formatted(classes));
    }
    Axes axes = labelAxes == null ? null : Axes.parseLabels(labelAxes);
    return Formats.openLabels(Stores.ANY, labels, axes, input).info();
  }
}
