package org.pointwise.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** All commands of the command line. */
final class Commands {
  private Commands() {}

  /** Returns all commands by their words, such as {@code weights show}; {@code ""} is the root. */
  static Map<String, CommandSpec> all() {
    Map<String, CommandSpec> found = new LinkedHashMap<>();
    collect(Main.commandLine(), "", found);
    return found;
  }

  /** Returns the commands that have no commands of their own. */
  static Map<String, CommandSpec> leaves() {
    Map<String, CommandSpec> leaves = all();
    leaves.values().removeIf(command -> !command.subcommands().isEmpty());
    return leaves;
  }

  private static void collect(CommandLine command, String name, Map<String, CommandSpec> found) {
    found.put(name, command.getCommandSpec());
    command
        .getSubcommands()
        .forEach((word, sub) -> collect(sub, (name + " " + word).strip(), found));
  }

  /** Runs a command with more arguments. */
  static Cli run(String command, List<String> arguments, String... more) {
    List<String> all = new ArrayList<>();
    if (!command.isEmpty()) {
      all.addAll(List.of(command.split(" ")));
    }
    all.addAll(arguments);
    all.addAll(List.of(more));
    return Cli.run(all.toArray(String[]::new));
  }
}
