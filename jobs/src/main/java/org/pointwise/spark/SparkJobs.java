package org.pointwise.spark;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.hadoop.Stores;
import org.pointwise.work.Progress;

/** Code that all jobs on Spark share. */
public final class SparkJobs {
  private static final long PROGRESS_MILLIS = 500;

  /** The text in Spark's message about a lost executor that precedes the reason. */
  private static final String LOST_EXECUTOR = "ExecutorLostFailure";

  /** The local property that gives executors the log level of the driver. */
  static final String LOG_LEVEL = "pointwise.log-level";

  /** The local property that is set if this software started Spark and its executors. */
  static final String STARTED = "pointwise.started";

  private SparkJobs() {}

  /**
   * Runs a job.
   *
   * @param cancel called to cancel the job if the thread is interrupted
   * @throws IncompleteRunException if the thread is interrupted, or if the cluster failed and not
   *     this software: an executor was lost too often, or the application was removed
   */
  static <T> List<T> collect(JavaRDD<T> parts, Runnable cancel) {
    return run(parts.context(), parts::collect, cancel);
  }

  /** Runs code that starts a job, with the contract of {@link #collect}. */
  static <T> T run(SparkContext spark, Supplier<T> job, Runnable cancel) {
    try (ExecutorWait wait = ExecutorWait.begin(spark)) {
      return job.get();
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      if (e instanceof InterruptedException) {
        cancel.run();
        Thread.currentThread().interrupt();
        throw new IncompleteRunException(
            "Interrupted; what is stored is whole, run the same command again to continue", e);
      }
      if (e instanceof SparkException && e.getCause() == null) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        throw new IncompleteRunException(
            "Cannot finish: Spark aborted the job (%s); what is stored is whole, run the same command again to continue; where executors are lost each time, give them more memory"
                .formatted(message.substring(Math.max(0, message.indexOf(LOST_EXECUTOR)))),
            e);
      }
      throw e;
    }
  }

  /** Releases what Spark holds, even in an interrupted thread, which stays interrupted. */
  public static void uninterrupted(Runnable release) {
    boolean interrupted = Thread.interrupted();
    try {
      release.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Configures the log of an executor like that of the driver. The log of an executor of another
   * program stays as it is, except for the level of the loggers of this software.
   */
  private static void configureLog() {
    SparkEnv environment = SparkEnv.get();
    if (TaskContext.get().getLocalProperty(STARTED) != null
        && !environment.conf().contains("spark.log.level")
        && !environment.executorId().equals(ExecutorWait.DRIVER)) {
      Logs.configure();
    }
    String level = TaskContext.get().getLocalProperty(LOG_LEVEL);
    if (level != null && !level.equals(Logs.chosenLevel())) {
      Logs.level(level);
    }
  }

  /**
   * Prepares a task. Releases what its thread has open when the task ends, because the thread then
   * runs other tasks.
   *
   * @param settings those of the driver
   */
  static void beginTask(DriverSettings settings) {
    configureLog();
    settings.apply();
    TaskContext.get()
        .addTaskCompletionListener((TaskCompletionListener) task -> Stores.ANY.release());
  }

  static Thread startProgressReporter(
      Progress progress, LongAccumulator units, LongAccumulator pixels, LongAccumulator bytes) {
    Thread reporter =
        new Thread(
            () -> {
              long[] reported = new long[3];
              try {
                while (true) {
                  Thread.sleep(PROGRESS_MILLIS);
                  long[] current = {units.value(), pixels.value(), bytes.value()};
                  progress.done(
                      current[0] - reported[0], current[1] - reported[1], current[2] - reported[2]);
                  reported = current;
                }
              } catch (InterruptedException e) {
                // the run has ended
              }
            },
            "progress");
    reporter.setDaemon(true);
    reporter.start();
    return reporter;
  }
}
