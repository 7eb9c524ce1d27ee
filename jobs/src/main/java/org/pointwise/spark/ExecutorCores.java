package org.pointwise.spark;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;

/**
 * How many cores executors have: {@code spark.executor.cores} where it is set, else what those of
 * this application came with, which on a standalone cluster is all that a worker has.
 */
public final class ExecutorCores extends SparkListener {
  private static final AtomicInteger MOST = new AtomicInteger();
  private static final String SETTING = "spark.executor.cores";

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded added) {
    synchronized (MOST) {
      MOST.accumulateAndGet(added.executorInfo().totalCores(), Math::max);
      MOST.notifyAll();
    }
  }

  /** Registers for executors from the first one on. */
  static void listen(SparkConf conf) {
    String others = conf.get("spark.extraListeners", "");
    conf.set(
        "spark.extraListeners",
        (others.isEmpty() ? "" : others + ",") + ExecutorCores.class.getName());
    MOST.set(0);
  }

  /** Waits for the first executor where the settings do not say. */
  static int of(JavaSparkContext spark) {
    SparkConf conf = spark.getConf();
    if (conf.contains(SETTING) || !spark.master().startsWith("spark://")) {
      return conf.getInt(SETTING, 1);
    }
    if (MOST.get() == 0) {
      SparkJobs.run(
          () ->
              spark
                  .sc()
                  .range(0, 1, 1, 1)
                  .toJavaRDD()
                  .count()); // needs an executor, whose news may follow
    }
    try {
      synchronized (MOST) {
        while (MOST.get() == 0) {
          MOST.wait();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1; // what comes next is interrupted too
    }
    return MOST.get();
  }
}
