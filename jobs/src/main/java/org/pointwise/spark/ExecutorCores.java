package org.pointwise.spark;

import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How many cores executors have: {@code spark.executor.cores} where it is set, else what those of
 * this application came with, which on a standalone cluster is all that a worker has.
 */
final class ExecutorCores {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorCores.class);

  private static final String SETTING = "spark.executor.cores";
  private static final long NEWS_MILLIS = 60_000;

  private ExecutorCores() {}

  /** Threads of a Spark within this JVM, whatever {@code spark.default.parallelism} says. */
  static int here(JavaSparkContext spark) {
    if (known(spark.sc()) == 0) {
      awaitNews(spark);
    }
    int known = known(spark.sc());
    return known > 0 ? known : spark.defaultParallelism();
  }

  /** Waits for the first executor where the settings do not say. */
  static int of(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    if (conf.contains(SETTING) || !spark.master().startsWith("spark://")) {
      return conf.getInt(SETTING, 1);
    }
    int known = known(spark.sc());
    if (known == 0) {
      // A job needs an executor.
      SparkJobs.run(() -> spark.sc().range(0, 1, 1, 1).toJavaRDD().count(), () -> {});
      awaitNews(spark);
      known = known(spark.sc());
    }
    return Math.max(1, known);
  }

  /** News of executors follow what they did; a listener of somebody else may hold them up. */
  private static void awaitNews(JavaSparkContext spark) {
    try {
      spark.sc().listenerBus().waitUntilEmpty(NEWS_MILLIS);
    } catch (TimeoutException e) {
      LOG.warn("Spark has not told of its executors for {} s", NEWS_MILLIS / 1000);
    }
  }

  /** The most cores of an executor that Spark was told of; 0 before the first. */
  private static int known(SparkContext spark) {
    return CollectionConverters.asJava(spark.statusStore().executorList(false)).stream()
        .mapToInt(ExecutorSummary::totalCores)
        .max()
        .orElse(0);
  }
}
