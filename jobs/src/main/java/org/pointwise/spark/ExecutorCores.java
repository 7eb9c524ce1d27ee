package org.pointwise.spark;

import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Determines the number of cores of an executor: {@code spark.executor.cores} if it is set, else
 * what the executors of this application report. On a standalone cluster, these have all cores of a
 * worker by default.
 */
final class ExecutorCores {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorCores.class);

  private static final String SETTING = "spark.executor.cores";
  private static final long EVENT_TIMEOUT_MILLIS = 60_000;

  private ExecutorCores() {}

  /**
   * Returns the number of threads of a Spark within this JVM, regardless of {@code
   * spark.default.parallelism}.
   */
  static int localThreads(JavaSparkContext spark) {
    if (maxRegisteredCores(spark.sc()) == 0) {
      awaitExecutorEvents(spark);
    }
    int cores = maxRegisteredCores(spark.sc());
    return cores > 0 ? cores : spark.defaultParallelism();
  }

  /**
   * Returns the number of cores of an executor. Waits for the first executor if the settings do not
   * define the number.
   */
  static int of(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    if (conf.contains(SETTING) || !spark.master().startsWith("spark://")) {
      return conf.getInt(SETTING, 1);
    }
    int cores = maxRegisteredCores(spark.sc());
    if (cores == 0) {
      // A job makes Spark wait for an executor.
      SparkJobs.run(spark.sc(), () -> spark.sc().range(0, 1, 1, 1).toJavaRDD().count(), () -> {});
      awaitExecutorEvents(spark);
      cores = maxRegisteredCores(spark.sc());
    }
    return Math.max(1, cores);
  }

  /**
   * Waits for the events of executors, which arrive asynchronously. A listener of another program
   * may delay them.
   */
  private static void awaitExecutorEvents(JavaSparkContext spark) {
    try {
      spark.sc().listenerBus().waitUntilEmpty(EVENT_TIMEOUT_MILLIS);
    } catch (TimeoutException e) {
      LOG.warn("Spark has not reported its executors for {} s", EVENT_TIMEOUT_MILLIS / 1000);
    }
  }

  /** Returns the largest number of cores of an executor that has registered; 0 before the first. */
  private static int maxRegisteredCores(SparkContext spark) {
    return ExecutorList.of(spark, false).stream()
        .mapToInt(ExecutorSummary::totalCores)
        .max()
        .orElse(0);
  }
}
