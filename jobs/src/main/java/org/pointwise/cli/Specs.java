package org.pointwise.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Makes specs of jobs from options. */
final class Specs {
  private Specs() {}

  /**
   * Makes a spec. Options that contradict each other are reported as an error of the command line.
   */
  static <T> T create(CommandSpec command, Supplier<T> spec) {
    try {
      return spec.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage());
    }
  }
}
