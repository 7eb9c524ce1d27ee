package org.pointwise.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.spark.SparkRunner;
import org.pointwise.spark.SparkStores;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;

/**
 * One run of a command in the Spark that is running in this JVM, for a program in another language
 * that controls this JVM, such as Python's with PySpark.
 *
 * <p>Nothing is printed, the log stays as it is, and neither the JVM nor Spark ends. The report is
 * JSON. Options that select a runner, or what is printed and how, cannot be given.
 */
public final class SessionCommand {
  /** The options that this class gives, if the command has them. */
  private static final Map<String, String> GIVEN =
      Map.of("--json", "--json", "--quiet", "--quiet", "--runner", "--runner=spark");

  /** The other options that do not apply here. */
  private static final Set<String> NOT_HERE =
      Set.of("--master", "--threads", "--log-level", "--help", HelpText.ALL, "--version");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine commands;
  private final CommandLine command;
  private final Object lock = new Object();
  private @Nullable Thread running;
  private boolean cancelled;

  /**
   * Creates a run of a command.
   *
   * @throws IllegalArgumentException if there is no such command
   */
  public SessionCommand(String name) {
    commands =
        Main.commandLine(Set.of(name))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
            .setExpandAtFiles(false); // a path may begin with @
    CommandLine found = commands.getSubcommands().get(name);
    if (found == null) {
      throw new IllegalArgumentException("There is no command " + name);
    }
    command = found;
  }

  /** Returns the descriptions of the options that can be given, by their long names. */
  public Map<String, String> options() {
    Map<String, String> options = new TreeMap<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      String name = option.longestName();
      if (!GIVEN.containsKey(name) && !NOT_HERE.contains(name)) {
        options.put(name, String.join(" ", option.description()));
      }
    }
    return options;
  }

  /** Returns whether an option can be given several times. */
  public boolean isRepeatable(String option) {
    return command.getCommandSpec().findOption(option).isMultiValue();
  }

  /**
   * Runs the command and returns the exit code of the command line. Each option is one argument
   * {@code --name} or {@code --name=value}.
   *
   * @throws InvalidInputException if no Spark is running
   */
  public int run(List<String> options, List<String> parameters) {
    if (!SparkRunner.isRunning()) {
      throw new InvalidInputException("Cannot run: the session of Spark is stopped; start another");
    }
    HadoopSettings.from(SparkStores::settings);
    List<String> args = new ArrayList<>(List.of(command.getCommandName()));
    GIVEN.forEach(
        (name, argument) -> {
          if (command.getCommandSpec().findOption(name) != null) {
            args.add(argument);
          }
        });
    args.addAll(options);
    args.add("--"); // what follows are no options
    args.addAll(parameters);
    synchronized (lock) {
      running = Thread.currentThread();
      if (cancelled) {
        running.interrupt();
      }
    }
    try {
      return commands.execute(args.toArray(String[]::new));
    } finally {
      synchronized (lock) {
        running = null;
        Thread.interrupted(); // the thread goes on
      }
    }
  }

  /** Ends the run, if there is one, and cancels its jobs, but no other jobs. */
  public void cancel() {
    synchronized (lock) {
      cancelled = true;
      if (running != null) {
        running.interrupt();
      }
    }
  }

  /** Returns the report as JSON; empty if the run failed before it had one. */
  public String report() {
    return out.toString();
  }

  /** Returns the warnings and errors, one line each. */
  public List<String> messages() {
    return err.toString()
        .lines()
        .filter(line -> !line.equals(WrongCommandLine.help(command)))
        .toList();
  }
}
