package org.pointwise.cli;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs real programs of the checkout and stores their output. */
public record Processes(int code, String out, String err) {
  /**
   * Options for JVMs that a test starts: verifying classes takes a sixth of a small command's time.
   */
  private static final String NO_VERIFICATION =
      "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote";

  /**
   * Options for JVMs that a test starts on little data. They end before the second compiler pays
   * off, which would take most of their time. The vector kernels are slow without it.
   */
  static final String FAST_START = "-XX:TieredStopAtLevel=1 " + NO_VERIFICATION;

  /** Returns whether a JVM prints this line for the options of {@code conf/jvm.args}. */
  static boolean isWarningOfJvm(String line) {
    return line.startsWith("WARNING: Using incubator modules")
        || line.startsWith("WARNING: package sun.security.action not in java.base"); // on Java 24
  }

  /** The root of the checkout. */
  public static Path root() {
    return Path.of(System.getProperty("pointwise.root", "..")).toAbsolutePath().normalize();
  }

  static ProcessBuilder builder(Path folder, List<String> command) throws IOException {
    File out = Files.createTempFile(folder, "out", ".txt").toFile();
    File err = Files.createTempFile(folder, "err", ".txt").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(out);
    builder.environment().remove("SPARK_HOME");
    return builder.redirectError(err);
  }

  static Processes run(Path folder, String... command) throws Exception {
    ProcessBuilder builder = builder(folder, List.of(command));
    return awaitEnd(builder, builder.start());
  }

  /** Returns the output of a process of {@code builder} after its end. */
  public static Processes awaitEnd(ProcessBuilder builder, Process process) throws Exception {
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("Still running after ten minutes: " + builder.command());
    }
    return new Processes(
        process.exitValue(),
        Files.readString(builder.redirectOutput().file().toPath(), StandardCharsets.UTF_8),
        Files.readString(builder.redirectError().file().toPath(), StandardCharsets.UTF_8));
  }

  /**
   * Runs a command that fills a folder, once for all processes of the tests.
   *
   * @param mark a file in that folder that marks it as complete
   */
  static synchronized void once(Path mark, Callable<Processes> command) throws Exception {
    Path directory = Files.createDirectories(mark.getParent());
    try (FileChannel lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock.lock(); // held until it is closed
      if (!Files.exists(mark)) {
        Processes done = command.call();
        if (done.code() != 0) {
          throw new IllegalStateException(
              "Cannot make " + directory + ": " + done.err() + done.out());
        }
        Files.createFile(mark);
      }
    }
  }

  /**
   * Returns a command that a signal ends even if this JVM ignores that signal, like a shell's
   * background jobs and their child processes: a JVM ignores SIGINT if it was ignored at its start.
   */
  static List<String> interruptible(Path folder, List<String> command) throws Exception {
    List<String> prefix = List.of("env", "--default-signal=INT,TERM");
    List<String> trial = new java.util.ArrayList<>(prefix);
    trial.add("true");
    List<String> wrapped = new java.util.ArrayList<>();
    if (run(folder, trial.toArray(String[]::new)).code() == 0) { // GNU's env since 2019
      wrapped.addAll(prefix);
    }
    wrapped.addAll(command);
    return wrapped;
  }

  /** Starts the process and waits for its end. */
  public static Processes awaitEnd(ProcessBuilder builder) throws Exception {
    return awaitEnd(builder, builder.start());
  }

  /**
   * Returns a Python interpreter with the peers' packages; skips the test with the reason if it
   * cannot be set up.
   */
  static String python(Path folder) throws Exception {
    Processes setup = run(folder, root().resolve("scripts/python-peers").toString());
    Assumptions.assumeTrue(setup.code() == 0, () -> "Skipped: " + setup.err());
    return setup.out().strip();
  }

  /** Runs {@code scripts/pointwise …}. */
  static Processes pointwise(Path folder, String... args) throws Exception {
    ProcessBuilder builder = pointwiseBuilder(folder, args);
    return awaitEnd(builder, builder.start());
  }

  static ProcessBuilder pointwiseBuilder(Path folder, String... args) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(launcher());
    command.addAll(List.of(args));
    ProcessBuilder builder = builder(folder, command);
    builder.environment().put("JAVA_OPTS", FAST_START + " " + archiveOptions());
    return builder;
  }

  /**
   * Returns a command that calls {@code scripts/pointwise} on data large enough for the second
   * compiler.
   */
  static ProcessBuilder computeBuilder(Path folder, List<String> command) throws Exception {
    ProcessBuilder builder = builder(folder, command);
    builder.environment().put("JAVA_OPTS", archiveOptions());
    return builder;
  }

  static String launcher() {
    return root().resolve("scripts/pointwise").toString();
  }

  /** Options with which {@code scripts/pointwise}, with Spark in its own JVM, starts quickly. */
  static String archiveOptions() throws Exception {
    Path target = root().resolve("jobs/target");
    long built = Files.getLastModifiedTime(target.resolve("pointwise.jar")).toMillis();
    String archive =
        ClassArchive.options(
            target.resolve("archive-" + built),
            (command, options, folder) -> {
              List<String> launch = new java.util.ArrayList<>(List.of(launcher()));
              launch.addAll(command);
              ProcessBuilder builder = builder(folder, launch);
              builder.environment().put("JAVA_OPTS", NO_VERIFICATION + " " + options);
              return builder;
            });
    return NO_VERIFICATION + " " + archive;
  }
}
