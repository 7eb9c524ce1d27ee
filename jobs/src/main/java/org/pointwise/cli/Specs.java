package org.pointwise.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Specs of jobs, made from options. */
final class Specs {
  private Specs() {}

  /** Makes a spec; parts that do not go together are a mistake on the command line. */
  static <T> T make(CommandSpec command, Supplier<T> spec) {
    try {
      return spec.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage());
    }
  }
}
