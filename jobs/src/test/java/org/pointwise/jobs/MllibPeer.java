package org.pointwise.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.feature.PCAModel;
import org.apache.spark.mllib.linalg.DenseMatrix;
import org.apache.spark.mllib.linalg.DenseVector;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;

/** The same projection by Spark MLlib, its rows cached in memory. */
final class MllibPeer {
  private static final int ROWS = 40_000;

  private MllibPeer() {}

  static double rowsPerSecond(int in, int out, int threads) {
    SparkConf conf =
        new SparkConf()
            .setAppName("peer")
            .setMaster("local[" + threads + "]")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      Random random = new Random(1);
      List<Vector> rows = new ArrayList<>(ROWS);
      for (int i = 0; i < ROWS; i++) {
        rows.add(Vectors.dense(random.doubles(in).toArray()));
      }
      JavaRDD<Vector> cached = spark.parallelize(rows, threads).cache();
      cached.count();
      PCAModel model =
          new PCAModel(
              out,
              new DenseMatrix(in, out, random.doubles((long) in * out).toArray()),
              (DenseVector) Vectors.dense(new double[out]));
      double best = 0;
      for (int run = 0; run < 3; run++) {
        long begun = System.nanoTime();
        cached.foreachPartition(part -> part.forEachRemaining(model::transform));
        best = Math.max(best, ROWS / ((System.nanoTime() - begun) / 1e9));
      }
      return best;
    }
  }
}
