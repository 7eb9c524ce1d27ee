package org.pointwise.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.ListResourceBundle;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.format.Formats;
import org.pointwise.hadoop.Credentials;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.spark.Logs;
import org.pointwise.spark.SparkRunner;
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
    description =
        "Makes large image-feature datasets small by a 1×1 convolution: N, H and W stay, F becomes F′.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Options may come from a job file, one argument a line: pointwise @conf/reduce.args",
      "",
      "Exit codes: 0 done; 1 our fault; 2 command line; 3 input, weights or plan wrong;",
      "4 incomplete or failed verification: run again to continue; 5 below a gate;",
      "130, 143 interrupted by SIGINT, SIGTERM: run again to continue."
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
  static final int BELOW_A_GATE = 5;

  private Main() {}

  @Option(
      names = "--log-level",
      scope = ScopeType.INHERIT,
      paramLabel = "error|warn|info|debug",
      description =
          "Level of the log on stderr: info each run, debug each shard (default: as log4j2 is configured, warn).")
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
    boolean guest = false;
    try {
      guest = SparkRunner.isRunning();
      if (!guest) {
        TerminationSignals.install();
      }
      code = run(args);
    } catch (LinkageError e) {
      System.err.printf(
          "Cannot run here: %s is missing or other than expected; Pointwise needs Spark 3.5 or later and a jar of its own version alone on the class path%n",
          e.getMessage());
      code = 3;
    }
    if (guest) {
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
    HadoopSettings.from(SparkRunner::hadoopSettings);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    for (String arg : args) {
      if (arg.startsWith("@") && arg.length() > 1 && !Files.isReadable(Path.of(arg.substring(1)))) {
        err.printf(
            "Cannot read the job file %s: there is no such file; check the path%n",
            arg.substring(1));
        return CommandLine.ExitCode.USAGE;
      }
    }
    return commandLine(args).setOut(out).setErr(err).execute(args);
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
    boolean one = args.length > 0 && COMMANDS.containsKey(args[0]) && !args[0].equals(COMPLETION);
    return commandLine(one ? Set.of(args[0]) : COMMANDS.keySet());
  }

  private static CommandLine commandLine(Set<String> names) {
    CommandLine.ITypeConverter<Double> number = text -> number(text, NumberText::parseDouble);
    CommandLine.ITypeConverter<Float> single = text -> number(text, NumberText::parseFloat);
    CommandLine all = new CommandLine(new Main());
    COMMANDS.forEach(
        (name, command) -> {
          if (names.contains(name)) {
            all.addSubcommand(name, command.get());
          }
        });
    return all.setResourceBundle(new HelpWords())
        .registerConverter(double.class, number)
        .registerConverter(Double.class, number)
        .registerConverter(float.class, single)
        .registerConverter(Float.class, single)
        .setUseSimplifiedAtFiles(true) // one argument per line; # within it starts no comment
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setExecutionStrategy(Main::execute)
        .setParameterExceptionHandler(Main::wrongCommandLine)
        .setExecutionExceptionHandler(Main::fail);
  }

  /** The texts that the help inserts: the formats on the class path. */
  private static final class HelpWords extends ListResourceBundle {
    @Override
    protected Object[][] getContents() {
      return new Object[][] {{"inputs", Formats.inputs()}};
    }
  }

  /** Refuses arguments that contain a password before anything is opened or passed to Spark. */
  private static int execute(CommandLine.ParseResult parsed) {
    try {
      parsed.expandedArgs().forEach(Credentials::refuse);
    } catch (InvalidInputException e) {
      return fail(e, parsed.commandSpec().commandLine(), parsed);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Prints one line, without passwords from the arguments, and where to find help. */
  private static int wrongCommandLine(CommandLine.ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String shown = Credentials.redact(message(e));
    command.getErr().println(command.getColorScheme().errorText(shown));
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
      if (command.getParent() == null) { // the list of commands is short and useful here
        command.usage(command.getErr());
      } else {
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println("See " + name + " --help");
      }
    }
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** Names two arguments on one line of a job file, which picocli takes for one. */
  private static String message(CommandLine.ParameterException e) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      for (String text : unmatched.getUnmatched()) {
        int space = text.indexOf(' ');
        if (text.startsWith("--") && space > 0) {
          return "'%s' is one argument; in a job file write the option and its value on two lines, or %s=%s"
              .formatted(text, text.substring(0, space), text.substring(space + 1).strip());
        }
      }
    }
    return String.valueOf(e.getMessage());
  }

  private static <T> T number(String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (NumberFormatException e) {
      throw new CommandLine.TypeConversionException("'%s' is not a number".formatted(text));
    }
  }

  private static int fail(
      Exception e, CommandLine command, CommandLine.@Nullable ParseResult parsed) {
    PointwiseException known = Logs.ours(e);
    if (TerminationSignals.came()) {
      return 1; // a consequence of the signal, which sets the exit code
    }
    if (known != null) {
      command
          .getErr()
          .println(
              command
                  .getColorScheme()
                  .errorText(Credentials.redact(String.valueOf(known.getMessage()))));
      return known.exitCode();
    }
    LoggerFactory.getLogger(Main.class).error("This is a fault of Pointwise", e);
    command.getErr().println("This is a fault of Pointwise: " + Credentials.redact(e.toString()));
    return 1;
  }
}
