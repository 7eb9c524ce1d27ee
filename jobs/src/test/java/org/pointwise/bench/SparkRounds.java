package org.pointwise.bench;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Measures work in Spark and the same work of a peer in turn.
 *
 * @param rounds after one that warms up
 * @param json receives the results too; null for none
 */
record SparkRounds(int rounds, @Nullable Path json) {
  /** Code whose time is measured. */
  interface Work {
    void run() throws Exception;
  }

  /** Returns a session with two threads. */
  static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.parquet.compression.codec", "zstd")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }

  /** Computes all rows and keeps none. */
  static void discard(Dataset<Row> data) {
    data.write().format("noop").mode("overwrite").save();
  }

  void compare(String name, String peer, Work ours, Work theirs) throws Exception {
    double[] seconds = new double[rounds];
    double[] peerSeconds = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      double first = seconds(ours);
      double second = seconds(theirs);
      if (round >= 0) {
        seconds[round] = first;
        peerSeconds[round] = second;
      }
    }
    Result.ofRounds(name, seconds, peerSeconds, peer, false).print(json);
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
