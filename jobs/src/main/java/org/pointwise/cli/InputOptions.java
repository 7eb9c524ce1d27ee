package org.pointwise.cli;

import java.util.List;
import org.pointwise.format.FeatureSource;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The input of a command and how to read it. */
final class InputOptions {
  @Parameters(index = "0", paramLabel = "INPUT", description = "Path or URI of ${bundle:inputs}.")
  String input = "";

  @Mixin ReadingOptions reading = new ReadingOptions();

  FeatureSource open() {
    return reading.open(input);
  }

  /**
   * Opens it.
   *
   * @param known files of a folder that come first, in this order
   */
  FeatureSource open(List<String> known) {
    return reading.open(input, known);
  }
}
