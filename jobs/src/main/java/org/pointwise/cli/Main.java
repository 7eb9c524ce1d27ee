package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.ListResourceBundle;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.Formats;
import org.pointwise.hadoop.Credentials;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.spark.Logs;
import org.pointwise.spark.SparkRunner;
import org.pointwise.spark.SparkStores;
import org.pointwise.tensor.NumberText;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command line: finds and runs a command, and converts failures to one line and an exit code.
 */
@Command(
    name = "pointwise",
    description = "Reduces the channels of image features by a 1×1 convolution: F becomes F′.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Arguments can be in a file, one on each line: pointwise @conf/reduce.args",
      "",
      "Exit codes: 0 done; 1 fault of Pointwise; 2 wrong command line; 3 wrong input,",
      "weights or plan; 4 incomplete or failed verification: run again to continue;",
      "5 below a gate; 130 and 143 interrupted by SIGINT and SIGTERM: run again to",
      "continue."
    })
public final class Main {
  /** The log levels. */
  enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String COMPLETION = "generate-completion";

  /**
   * The commands in the order of the help. They are created on demand, because creation reads their
   * annotations.
   */
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("inspect", InspectCommand::new);
    COMMANDS.put("moments", MomentsCommand::new);
    COMMANDS.put("fit", FitCommand::new);
    COMMANDS.put("evaluate", EvaluateCommand::new);
    COMMANDS.put("reduce", ReduceCommand::new);
    COMMANDS.put("reconstruct", ReconstructCommand::new);
    COMMANDS.put("verify", VerifyCommand::new);
    COMMANDS.put("weights", WeightsCommand::new);
    COMMANDS.put("cost", CostCommand::new);
    COMMANDS.put(COMPLETION, AutoComplete.GenerateCompletion::new);
  }

  /** Exit code of a command that stored a result which misses a gate of the user. */
  static final int BELOW_GATE = 5;

  private Main() {}

  // With usageHelp, picocli would warn of two options for help.
  @SuppressWarnings("deprecation")
  @Option(
      names = HelpText.ALL,
      scope = ScopeType.INHERIT,
      help = true,
      description = "Show all options with their full descriptions and exit.")
  boolean helpAll;

  @Rare
  @Option(
      names = "--log-level",
      scope = ScopeType.INHERIT,
      paramLabel = "LEVEL",
      description =
          "Log level on stderr: ${COMPLETION-CANDIDATES}. info logs each run, debug each shard (default: as log4j2 is configured, warn).")
  void setLogLevel(LogLevel level) {
    Logs.level(level.name());
  }

  /**
   * Runs a command and exits with its exit code. In a JVM in which Spark is already running, for
   * example a notebook's, the method returns instead of exiting.
   *
   * @throws IllegalStateException if Spark is already running and the exit code is not 0
   */
  public static void main(String[] args) {
    int code = 1;
    boolean sparkIsRunning = false;
    try {
      sparkIsRunning = SparkRunner.isRunning();
      if (!sparkIsRunning) {
        Logs.configure();
        TerminationSignals.install();
      }
      code = run(args);
    } catch (ExceptionInInitializerError e) {
      System.err.println("Cannot run here: " + Credentials.redact(String.valueOf(e.getCause())));
      // Such as a machine without an address.
      boolean ofMachine =
          Stream.iterate((Throwable) e, Objects::nonNull, Throwable::getCause)
              .anyMatch(IOException.class::isInstance);
      if (!ofMachine) {
        e.printStackTrace();
      }
      code = ofMachine ? 3 : 1;
    } catch (LinkageError e) {
      System.err.printf(
          "Cannot run here: %s is missing or other than expected; Pointwise needs Spark 3.5 or later and a jar of its own version alone on the class path%n",
          e.getMessage());
      code = 3;
    }
    if (sparkIsRunning) {
      if (code != 0) {
        throw new IllegalStateException("pointwise ended with exit code " + code);
      }
      return;
    }
    // YARN treats a driver in its containers that calls exit as failed.
    boolean inContainer = "cluster".equals(System.getProperty("spark.submit.deployMode"));
    if (code != 0 || !inContainer) {
      System.exit(code);
    }
  }

  /** Runs a command in this JVM without exiting it, and returns the exit code. */
  public static int run(String... args) {
    HadoopSettings.from(
        SparkRunner.isRunning() ? SparkStores::settings : SparkRunner::hadoopSettings);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    CommandLine commands = commandLine(args).setOut(out).setErr(err);
    for (String arg : args) {
      if (arg.startsWith("@") && arg.length() > 1 && !Files.isReadable(Path.of(arg.substring(1)))) {
        WrongCommandLine.report(
            commands,
            "Cannot read the job file %s: there is no such file; check the path"
                .formatted(arg.substring(1)));
        return CommandLine.ExitCode.USAGE;
      }
    }
    return commands.execute(args);
  }

  /** Returns all commands. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  /**
   * Returns the command that the first argument names, to avoid creating the others; else all
   * commands.
   */
  private static CommandLine commandLine(String[] args) {
    boolean namesCommand =
        args.length > 0 && COMMANDS.containsKey(args[0]) && !args[0].equals(COMPLETION);
    return commandLine(namesCommand ? Set.of(args[0]) : COMMANDS.keySet());
  }

  /** Returns the commands with these names. */
  static CommandLine commandLine(Set<String> names) {
    CommandLine.ITypeConverter<Integer> intConverter =
        text -> parseNumber(text, "whole ", Integer::valueOf);
    CommandLine.ITypeConverter<Long> longConverter =
        text -> parseNumber(text, "whole ", Long::valueOf);
    CommandLine.ITypeConverter<Double> doubleConverter =
        text -> parseNumber(text, "", NumberText::parseDouble);
    CommandLine.ITypeConverter<Float> floatConverter =
        text -> parseNumber(text, "", NumberText::parseFloat);
    CommandLine all = new CommandLine(new Main());
    COMMANDS.forEach(
        (name, command) -> {
          if (names.contains(name)) {
            all.addSubcommand(name, command.get());
          }
        });
    HelpText.install(all);
    return all.setResourceBundle(new HelpWords())
        .registerConverter(int.class, intConverter)
        .registerConverter(Integer.class, intConverter)
        .registerConverter(long.class, longConverter)
        .registerConverter(Long.class, longConverter)
        .registerConverter(double.class, doubleConverter)
        .registerConverter(Double.class, doubleConverter)
        .registerConverter(float.class, floatConverter)
        .registerConverter(Float.class, floatConverter)
        .setUseSimplifiedAtFiles(true) // one argument per line; # within it starts no comment
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setExecutionStrategy(Main::execute)
        .setParameterExceptionHandler(new WrongCommandLine())
        .setExecutionExceptionHandler(Main::fail);
  }

  /** The texts that the help inserts: the formats on the class path. */
  private static final class HelpWords extends ListResourceBundle {
    @Override
    protected Object[][] getContents() {
      return new Object[][] {{"inputs", Formats.inputs()}};
    }
  }

  /**
   * Runs the parsed command, or prints its help. Refuses arguments that contain a password before
   * anything is opened or passed to Spark.
   */
  private static int execute(CommandLine.ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      if (command.getParseResult().hasMatchedOption(HelpText.ALL)) {
        command.usage(command.getOut());
        return CommandLine.ExitCode.OK;
      }
    }
    try {
      parsed.expandedArgs().forEach(Credentials::refuse);
    } catch (InvalidInputException e) {
      return fail(e, parsed.commandSpec().commandLine(), parsed);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static <T> T parseNumber(String text, String kind, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (NumberFormatException e) {
      throw new CommandLine.TypeConversionException(
          text.matches("[+-]?\\d+")
              ? "'%s' is too large".formatted(text)
              : "'%s' is not a %snumber".formatted(text, kind));
    }
  }

  private static int fail(
      Exception e, CommandLine command, CommandLine.@Nullable ParseResult parsed) {
    PointwiseException failure = Logs.pointwiseCause(e);
    if (TerminationSignals.received()) {
      return 1; // a consequence of the signal, which sets the exit code
    }
    if (failure != null) {
      command
          .getErr()
          .println(
              command
                  .getColorScheme()
                  .errorText(Credentials.redact(String.valueOf(failure.getMessage()))));
      return failure.exitCode();
    }
    LoggerFactory.getLogger(Main.class).error("This is a fault of Pointwise", e);
    command.getErr().println("This is a fault of Pointwise: " + Credentials.redact(e.toString()));
    return 1;
  }
}
