package org.pointwise.cli;

import org.jspecify.annotations.Nullable;
import org.pointwise.LabelsSpec;
import org.pointwise.tensor.Axes;
import picocli.CommandLine.Option;

/** The options for the classes of pixels. */
final class LabelOptions {
  @Nullable
  @Option(
      names = "--labels",
      paramLabel = "ARRAY",
      description =
          "Array with the class of each pixel. Classes are whole numbers, 0 … classes − 1. The array has the axes of the input, without c.")
  String labels;

  @Nullable
  @Rare
  @Option(
      names = "--label-axes",
      paramLabel = "A,B,…",
      converter = AxesText.OfLabels.class,
      description =
          "Axes of the labels if their file does not name them (default: the input's, without c).")
  String labelAxes;

  @Rare
  @Option(
      names = "--classes",
      paramLabel = "N",
      description =
          "Largest number of classes (default: ${DEFAULT-VALUE}). Each task keeps the moments of each class in memory.")
  int classes = LabelsSpec.CLASSES;

  @Nullable
  @Rare
  @Option(
      names = "--ignore-label",
      paramLabel = "L",
      description = "Label of pixels that have no class, such as 255.")
  Integer ignored;

  /** Returns the labels; null for none. */
  @Nullable LabelsSpec spec() {
    return labels == null
        ? null
        : new LabelsSpec(
            labels, labelAxes == null ? null : Axes.parseLabels(labelAxes), classes, ignored);
  }
}
