package org.pointwise.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import pointwise.ml.PCA;
import pointwise.ml.PointwiseModel;

/** Compares layers over the columns of a DataFrame with Spark's own PCA and with slices. */
@Command(
    name = "scripts/bench tables",
    mixinStandardHelpOptions = true,
    description = {
      "64 principal components of rows of 256 channels, and of a quarter as many rows of 1024.",
      "Rows are cached in memory: ARRAY<FLOAT> for Pointwise, vectors for MLlib. Results go to",
      "Spark's noop sink, except where Parquet (zstd) is read and written."
    })
public final class TableBench implements Callable<Integer> {
  private static final int COMPONENTS = 64;
  private static final int FIT_PARTITIONS = 8;

  @Option(names = "--rows", paramLabel = "N", description = "of 256 channels (${DEFAULT-VALUE})")
  int rows = 1_000_000;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  private @Nullable SparkSession session;

  public static void main(String[] args) {
    System.exit(new CommandLine(new TableBench()).execute(args));
  }

  /** Code whose time is measured. */
  private interface Work {
    void run() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    Path folder = Files.createTempDirectory("pointwise-tables");
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.parquet.compression.codec", "zstd")
            .getOrCreate()) {
      session = spark;
      measure(folder, 256, rows);
      measure(folder, 1024, rows / 4);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
    return 0;
  }

  private void measure(Path folder, int channels, int count) throws Exception {
    String table = folder + "/t" + channels;
    features(channels, count).write().parquet(table);
    SparkSession spark = Objects.requireNonNull(session);
    Dataset<Row> arrays = cached(spark.read().parquet(table));
    Dataset<Row> vectors =
        cached(arrays.select(functions.array_to_vector(arrays.col("features")).as("features")));
    PCA ours = new PCA().setK(COMPONENTS).setOutputCol("reduced");
    org.apache.spark.ml.feature.PCA theirs =
        new org.apache.spark.ml.feature.PCA()
            .setK(COMPONENTS)
            .setInputCol("features")
            .setOutputCol("reduced");
    String name = "%d → %d".formatted(channels, COMPONENTS);
    compare("fit " + name, "MLlib's PCA.fit", () -> ours.fit(arrays), () -> theirs.fit(vectors));
    PointwiseModel model = ours.fit(arrays);
    PCAModel pcaModel = theirs.fit(vectors);
    compare(
        "transform " + name,
        "MLlib's PCAModel.transform",
        () -> discard(model.transform(arrays).select("reduced")),
        () -> discard(pcaModel.transform(vectors).select("reduced")));
    vectors.unpersist(true);
    arrays.unpersist(true);
    Dataset<Row> stored = spark.read().parquet(table);
    compare(
        "Parquet to Parquet " + name,
        "slice(features, 1, 64)",
        () -> write(model.transform(stored).select("reduced"), folder),
        () ->
            write(
                stored.selectExpr("slice(features, 1, %d) reduced".formatted(COMPONENTS)), folder));
  }

  /** Returns features that are correlated and compress as activations do: half of them are 0. */
  private Dataset<Row> features(int channels, int count) {
    SparkSession spark = Objects.requireNonNull(session);
    return spark
        .range(0, count, 1, FIT_PARTITIONS)
        .selectExpr(
            "transform(sequence(1, %d), c -> float(greatest(0, sin(id * 0.37 + c * c * 0.11) + cos(id * c * 0.013)))) features"
                .formatted(channels));
  }

  private static Dataset<Row> cached(Dataset<Row> data) {
    Dataset<Row> cached = data.persist(StorageLevel.MEMORY_ONLY());
    discard(cached);
    return cached;
  }

  private static void discard(Dataset<Row> data) {
    data.write().format("noop").mode("overwrite").save();
  }

  private static void write(Dataset<Row> data, Path folder) {
    data.write().mode("overwrite").parquet(folder + "/out");
  }

  private void compare(String name, String peer, Work ours, Work theirs) throws Exception {
    double[] seconds = new double[rounds];
    double[] peerSeconds = new double[rounds];
    for (int round = -1; round < rounds; round++) { // the first warms up
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
