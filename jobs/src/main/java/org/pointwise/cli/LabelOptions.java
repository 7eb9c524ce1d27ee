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
  int classes = LabelsSpec.CLASSES;

  @Nullable
  @Option(
      names = "--ignore-label",
      paramLabel = "L",
      description = "The label of pixels that have no class, such as 255.")
  Integer ignored;

  /** Returns the labels; null for none. */
  @Nullable LabelsSpec spec() {
    return labels == null
        ? null
        : new LabelsSpec(
            labels, labelAxes == null ? null : Axes.parseLabels(labelAxes), classes, ignored);
  }
}
