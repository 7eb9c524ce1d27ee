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
  Cli run(String what, String... args) {
    Cli cli = Cli.run(args);
    if (cli.code() == 1) {
      found.add(what + ", fault", told(cli));
    }
    return cli;
  }

  /**
   * Runs a command that must end with {@code code}.
   *
   * @return whether it did
   */
  boolean run(String what, int code, String... args) {
    Cli cli = run(what, args);
    if (cli.code() != code && cli.code() != 1) {
      found.add("%s, exit %s".formatted(what, word(cli.code(), code)), told(cli));
    }
    return cli.code() == code;
  }

  private static String word(int code, int wanted) {
    return word(code) + " instead of " + word(wanted);
  }

  private static String word(int code) {
    return switch (code) {
      case 0 -> "zero";
      case 1 -> "one";
      case 2 -> "two";
      case 3 -> "three";
      case 4 -> "four";
      default -> "code " + code;
    };
  }

  private static String told(Cli cli) {
    String problems =
        cli.out()
            .lines()
            .filter(line -> line.startsWith("Problem"))
            .collect(Collectors.joining("\n"));
    return (problems + "\n" + cli.err() + "\n" + cli.out()).strip();
  }
}
