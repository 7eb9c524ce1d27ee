package org.pointwise.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.Execution;
import org.pointwise.Pointwise;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.Resources;
import org.pointwise.spark.SparkRunner;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Runner;
import picocli.CommandLine.Option;

/** Where the units of a command run. */
final class RunnerOptions {
  /** Who runs them. */
  enum Kind {
    SPARK,
    LOCAL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Nullable
  @Option(
      names = "--runner",
      paramLabel = "spark|local",
      description = "Spark, or plain threads of this JVM; same bytes (default: spark).")
  Kind given;

  /** The one to take. */
  Kind runner() {
    return given == null ? Kind.SPARK : given;
  }

  @Nullable
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master (default: the one spark-submit sets, else local[*]).")
  String master;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of --runner local (default: all cores).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Nullable
  @Option(
      names = "--memory-per-task",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "Memory a task may use, such as 2GiB, for the proof before the run (default: its share of the heap).")
  Long memoryPerTask;

  /** Jobs on the runner that the user chose, by this name; it is opened when it is needed. */
  Pointwise pointwise(String name) {
    return Pointwise.on(Stores.ANY, new Chosen(name));
  }

  private LocalRunner local() {
    return new LocalRunner(Stores.ANY, threads, limited(Resources.here(threads)));
  }

  /** What the options say, opened once. */
  private final class Chosen implements Execution {
    private final String name;
    private @Nullable Runner runner;

    Chosen(String name) {
      this.name = name;
    }

    @Override
    public Runner runner() {
      if (runner == null) {
        runner =
            RunnerOptions.this.runner() == Kind.LOCAL
                ? local()
                : SparkRunner.open(name, master, RunnerOptions.this::limited);
      }
      return runner;
    }

    @Override
    public Resources resources() {
      return RunnerOptions.this.runner() == Kind.LOCAL || onCluster()
          ? runner().resources()
          : here(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public Resources driver() {
      return here(1);
    }

    @Override
    public void close() {
      if (runner instanceof SparkRunner spark) {
        spark.close();
      }
    }
  }

  /** Whether a cluster has to be asked what it has. */
  boolean onCluster() {
    String chosen = master == null ? SparkRunner.master() : master;
    return runner() == Kind.SPARK && !chosen.startsWith("local");
  }

  /** What this JVM has for as many tasks, of which those of a cluster may be given more. */
  private Resources here(int tasks) {
    Resources found = Resources.here(tasks);
    return memoryPerTask == null
        ? found
        : found.withPerTask(Math.min(memoryPerTask, found.heap() / tasks));
  }

  /** What was found, or what the user says. */
  private Resources limited(Resources found) {
    return memoryPerTask == null ? found : found.withPerTask(memoryPerTask);
  }
}
