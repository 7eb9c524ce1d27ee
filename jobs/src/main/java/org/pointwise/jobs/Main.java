package org.pointwise.jobs;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.PointwiseException;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line: finds the command, runs it, and turns failures into one line and a code. */
@Command(
    name = "pointwise",
    description =
        "Makes large image-feature datasets small by a 1×1 convolution: N, H and W stay, F becomes F′.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      InspectCommand.class,
      MomentsCommand.class,
      FitCommand.class,
      EvaluateCommand.class,
      ReduceCommand.class,
      VerifyCommand.class,
      WeightsCommand.class,
      CostCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    footer = {
      "",
      "Options may come from a job file, one argument a line: pointwise @conf/reduce.args",
      "",
      "Exit codes: 0 done; 1 our fault; 2 command line; 3 input, weights or plan wrong;",
      "4 incomplete or failed verification; 130, 143 interrupted by SIGINT, SIGTERM."
    })
public final class Main {
  /** What the log tells. */
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

  private Main() {}

  @Option(
      names = "--log-level",
      scope = ScopeType.INHERIT,
      paramLabel = "error|warn|info|debug",
      description =
          "What the log tells, on stderr: info each run, debug each shard (default: as log4j2 is configured, warn).")
  void setLogLevel(LogLevel level) {
    Logs.level(level.name());
  }

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    Interrupt.install();
    int code = 1;
    try {
      code = run(args);
    } catch (LinkageError e) {
      System.err.printf(
          "Cannot run here: %s is missing or other than expected; Pointwise needs Spark 3.5 or later and a jar of its own version alone on the class path%n",
          e.getMessage());
      code = 3;
    }
    // YARN takes a driver in its containers that calls exit for one that failed.
    boolean inContainer = "cluster".equals(System.getProperty("spark.submit.deployMode"));
    if (code != 0 || !inContainer) {
      System.exit(code);
    }
  }

  /** Runs a command in this JVM; returns its exit code. */
  static int run(String... args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setUseSimplifiedAtFiles(true) // one argument a line; a # within it is no comment
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setExecutionExceptionHandler(Main::fail)
        .execute(args);
  }

  private static int fail(
      Exception e, CommandLine command, CommandLine.@Nullable ParseResult parsed) {
    PointwiseException known = Logs.ours(e);
    if (Interrupt.came()) {
      return 1; // whatever ending brought about; the signal's code is what this process ends with
    }
    if (known != null) {
      command.getErr().println(command.getColorScheme().errorText(known.getMessage()));
      return known.exitCode();
    }
    LoggerFactory.getLogger(Main.class).error("This is a fault of Pointwise", e);
    command.getErr().println("This is a fault of Pointwise: " + e);
    return 1;
  }
}
