package org.pointwise.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.feature.PCA;
import org.apache.spark.mllib.feature.PCAModel;
import org.apache.spark.mllib.linalg.DenseMatrix;
import org.apache.spark.mllib.linalg.DenseVector;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;

/** Computes the same by Spark MLlib, with rows cached in memory. */
final class MllibPeer {
  private static final int ROWS = 40_000;

  private MllibPeer() {}

  private static JavaSparkContext spark(int threads) {
    return new JavaSparkContext(
        new SparkConf()
            .setAppName("peer")
            .setMaster("local[" + threads + "]")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1"));
  }

  /** Returns the seconds to learn principal components. */
  static double fitSeconds(long pixels, int in, int out, int threads) {
    try (JavaSparkContext spark = spark(threads)) {
      List<Integer> parts = IntStream.range(0, 8 * threads).boxed().toList();
      int rows = (int) (pixels / parts.size());
      JavaRDD<Vector> cached =
          spark
              .parallelize(parts, parts.size())
              .flatMap(
                  part -> {
                    Random random = new Random(part);
                    return IntStream.range(0, rows)
                        .mapToObj(row -> Vectors.dense(random.doubles(in).toArray()))
                        .iterator();
                  })
              .cache();
      cached.count();
      long begun = System.nanoTime();
      new PCA(out).fit(cached);
      return (System.nanoTime() - begun) / 1e9;
    }
  }

  static double rowsPerSecond(int in, int out, int threads) {
    try (JavaSparkContext spark = spark(threads)) {
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
