package org.pointwise.spark;

import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs one line if a job waits long for an executor: what an executor needs, and what the cluster
 * has. The job goes on waiting, because executors may still start.
 */
final class ExecutorWait implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorWait.class);

  /** The identifier of the driver among the executors. */
  static final String DRIVER = "driver";

  /** The time before the line is logged; for tests. */
  private static final String SETTING = "spark.pointwise.executorWait";

  private static final String DEFAULT_DELAY = "30s";

  private final Thread thread;

  private ExecutorWait(Thread thread) {
    this.thread = thread;
  }

  /** Begins to wait, unless there is an executor. Ended by {@link #close}. */
  static ExecutorWait begin(SparkContext spark) {
    Thread thread = new Thread(() -> await(spark), "executor-wait");
    thread.setDaemon(true);
    if (!spark.isLocal() && !hasExecutor(spark)) {
      thread.start();
    }
    return new ExecutorWait(thread);
  }

  private static boolean hasExecutor(SparkContext spark) {
    return ExecutorList.of(spark, true).stream()
        .anyMatch(executor -> !executor.id().equals(DRIVER));
  }

  private static void await(SparkContext spark) {
    long millis = spark.conf().getTimeAsMs(SETTING, DEFAULT_DELAY);
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      return; // the job has ended
    }
    if (!hasExecutor(spark)) {
      ExecutorRequest request = ExecutorRequest.of(spark.conf());
      String comparison = request.describe(spark.applicationId(), StandaloneWorkers.of(spark));
      if (!Thread.currentThread().isInterrupted()) {
        LOG.warn("No executor after {} s: {}", millis / 1000, comparison);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
