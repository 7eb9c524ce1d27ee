package org.pointwise.plan;

import java.util.HashSet;
import java.util.Set;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.InputFiles;
import org.pointwise.format.OutputFormats;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/** Checks that the parts of a reduction are consistent. */
final class ReduceChecks {
  private ReduceChecks() {}

  /**
   * Checks a reduction against its input.
   *
   * @throws InvalidInputException when layers, names, format or axes do not fit the input
   */
  static void require(Reduction spec, ArrayInfo input) {
    for (Head head : spec.heads()) {
      requireHead(head, spec, input);
    }
    if (!input.uniform() && !spec.format().perFile()) {
      throw new InvalidInputException(
          "Cannot make one array of %s: its images differ in size; use --format %s, one file out for one in"
              .formatted(input.uri(), String.join(" or ", OutputFormats.perFile(input))));
    }
    if (spec.policy().badInput() == BadInput.NODATA && !spec.format().storesUnreadable()) {
      throw new InvalidInputException(
          "Cannot store what is damaged in %s as %s: which of its rows are null is unknown; leave out --on-bad-input, and restore or move out damaged files"
              .formatted(input.uri(), spec.format()));
    }
    requireFileNames(spec, input);
    Axes axes = spec.axes();
    if (axes != null
        && (axes.rank() != input.axes().rank()
            || !axes.order().containsAll(input.axes().order()))) {
      throw new InvalidInputException(
          "Cannot order the output's axes as %s: the input has %s; name the same axes with --output-axes"
              .formatted(axes, input.axes()));
    }
  }

  private static void requireHead(Head head, Reduction spec, ArrayInfo input) {
    if (head.layer().inChannels() != input.shape().c()) {
      throw new InvalidInputException(
          "Cannot reduce %s: it has %s but %s reads %d; choose the layer that fits, or check --axes"
              .formatted(
                  input.uri(),
                  Count.of(input.shape().c(), "channel"),
                  head.source(),
                  head.layer().inChannels()));
    }
    boolean ofHead =
        spec.heads().stream()
            .anyMatch(other -> head.name().equals(Axis.CHANNEL_PREFIX + other.name()));
    if (ofHead || input.dimensionNames().contains(head.name())) {
      throw new InvalidInputException(
          "Cannot name an array '%s': a dimension has that name; choose another with --head NAME=FILE"
              .formatted(head.name()));
    }
  }

  private static void requireFileNames(Reduction spec, ArrayInfo input) {
    if (!spec.format().perFile()) {
      return;
    }
    InputFiles files = InputFiles.of(input);
    Set<String> names = new HashSet<>();
    for (int image = 0; image < files.names().size(); image++) {
      if (!names.add(files.stem(image))) {
        throw new InvalidInputException(
            "Cannot write a file for each of %s: two of its files are called %s, with other endings; rename one"
                .formatted(input.uri(), files.stem(image)));
      }
    }
  }
}
