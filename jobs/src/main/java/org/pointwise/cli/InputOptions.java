package org.pointwise.cli;

import org.pointwise.InputSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The options for the input of a command and how to read it. */
final class InputOptions {
  @Parameters(
      index = "0",
      paramLabel = "INPUT",
      description = "Path or URI of the input array. It is ${bundle:inputs}.")
  String input = "";

  @Mixin ReadingOptions reading = new ReadingOptions();

  InputSpec spec() {
    return reading.spec(input);
  }
}
