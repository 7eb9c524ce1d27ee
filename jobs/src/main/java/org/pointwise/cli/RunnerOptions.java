package org.pointwise.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.Execution;
import org.pointwise.Pointwise;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.Resources;
import org.pointwise.spark.SparkRunner;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Runner;
import picocli.CommandLine.Option;

/** The options that select the runner of a command. */
final class RunnerOptions {
  private static final Pattern LOCAL_THREADS = Pattern.compile("local\\[(\\d+|\\*)");

  /** The runners. */
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
      description =
          "Spark or threads of this JVM (default: spark). Both store the same bytes. 'verify' without a cluster runs on threads.")
  Kind selected;

  /** Returns the selected runner; Spark by default. */
  Kind runner() {
    return selected == null ? Kind.SPARK : selected;
  }

  @Nullable
  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Spark master, such as local[4]. The default is the one that spark-submit sets, else local[*].")
  String master;

  @Rare
  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = AtLeastOne.class,
      description = "Number of threads of --runner local (default: all cores).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Nullable
  @Option(
      names = "--memory-per-task",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "Memory limit of a task, such as 2GiB. The run is refused before it starts if a task needs more. The default is the task's share of the heap.")
  Long memoryPerTask;

  /**
   * Returns the jobs on the selected runner, which is opened on demand; {@code name} becomes the
   * name of a Spark application.
   */
  Pointwise pointwise(String name) {
    return Pointwise.on(Stores.ANY, new Chosen(name));
  }

  private LocalRunner local() {
    return new LocalRunner(Stores.ANY, threads, withMemoryLimit(Resources.ofThisJvm(threads)));
  }

  /** The execution that the options select. Opens its runner once. */
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
                : SparkRunner.open(name, master, RunnerOptions.this::withMemoryLimit);
      }
      return runner;
    }

    @Override
    public Resources resources() {
      return RunnerOptions.this.runner() == Kind.LOCAL || onCluster()
          ? runner().resources()
          : localResources(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public int tasks() {
      return RunnerOptions.this.runner() == Kind.LOCAL || onCluster()
          ? runner().tasks()
          : localTasks(effectiveMaster());
    }

    @Override
    public Resources driver() {
      return localResources(1);
    }

    @Override
    public void close() {
      if (runner instanceof SparkRunner spark) {
        spark.close();
      }
    }
  }

  /** Returns whether the units run on a cluster, whose resources this process cannot detect. */
  boolean onCluster() {
    return runner() == Kind.SPARK && !effectiveMaster().startsWith("local");
  }

  private String effectiveMaster() {
    return master == null ? SparkRunner.master() : master;
  }

  /** Returns the number of tasks at once of a Spark master such as {@code local[4]}. */
  private static int localTasks(String master) {
    Matcher threads = LOCAL_THREADS.matcher(master);
    return !threads.lookingAt()
        ? 1
        : threads.group(1).equals("*")
            ? Runtime.getRuntime().availableProcessors()
            : Integer.parseInt(threads.group(1));
  }

  /**
   * Returns the resources of this JVM for so many tasks. A larger memory limit, as tasks of a
   * cluster may have, is capped at a task's share of the heap of this JVM.
   */
  private Resources localResources(int tasks) {
    Resources resources = Resources.ofThisJvm(tasks);
    return memoryPerTask == null
        ? resources
        : resources.withPerTask(Math.min(memoryPerTask, resources.heap() / tasks));
  }

  /** Returns the resources, with the memory limit of the user if there is one. */
  private Resources withMemoryLimit(Resources resources) {
    return memoryPerTask == null ? resources : resources.withPerTask(memoryPerTask);
  }
}
