package org.pointwise.differential;

import java.util.stream.Collectors;
import org.pointwise.cli.Cli;

/** Runs commands in this JVM. */
final class Commands {
  /** The Spark master that cases name when they join the running Spark. */
  static final String MASTER = "local[2]";

  private final Findings found;

  Commands(Findings found) {
    this.found = found;
  }

  /** Runs a command; an internal error is a finding. */
  Cli run(String label, String... args) {
    Cli cli = Cli.run(args);
    if (cli.code() == 1) {
      found.add(label + ", fault", messages(cli));
    }
    return cli;
  }

  /**
   * Runs a command that must end with {@code code}.
   *
   * @return whether it did
   */
  boolean run(String label, int code, String... args) {
    Cli cli = run(label, args);
    if (cli.code() != code && cli.code() != 1) {
      found.add("%s, exit %s".formatted(label, codeName(cli.code(), code)), messages(cli));
    }
    return cli.code() == code;
  }

  private static String codeName(int code, int expected) {
    return codeName(code) + " instead of " + codeName(expected);
  }

  private static String codeName(int code) {
    return switch (code) {
      case 0 -> "zero";
      case 1 -> "one";
      case 2 -> "two";
      case 3 -> "three";
      case 4 -> "four";
      default -> "code " + code;
    };
  }

  private static String messages(Cli cli) {
    String problems =
        cli.out()
            .lines()
            .filter(line -> line.startsWith("Problem"))
            .collect(Collectors.joining("\n"));
    return (problems + "\n" + cli.err() + "\n" + cli.out()).strip();
  }
}
