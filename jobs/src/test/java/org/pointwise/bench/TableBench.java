package org.pointwise.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.testing.Folders;
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
      "64 principal components of rows of 256 channels, and of fewer rows of more channels.",
      "Rows are cached in memory: ARRAY<FLOAT> for Pointwise, vectors for MLlib. Results go to",
      "Spark's noop sink, except where Parquet (zstd) is read and written."
    })
public final class TableBench implements Callable<Integer> {
  private static final int COMPONENTS = 64;
  private static final int FIT_PARTITIONS = 8;

  @Option(names = "--rows", paramLabel = "N", description = "of 256 channels (${DEFAULT-VALUE})")
  int rows = 1_000_000;

  @Option(names = "--channels", paramLabel = "N,…", split = ",", description = "(256,1024)")
  List<Integer> channels = List.of(256, 1024);

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int roundCount = 3;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  public static void main(String[] args) {
    System.exit(new CommandLine(new TableBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    Path folder = Files.createTempDirectory("pointwise-tables");
    SparkRounds rounds = new SparkRounds(roundCount, json);
    try (SparkSession spark = SparkRounds.session()) {
      for (int count : channels) {
        measure(spark, rounds, folder, count, (int) (rows * 256L / count));
      }
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private static void measure(
      SparkSession spark, SparkRounds rounds, Path folder, int channels, int count)
      throws Exception {
    String table = folder + "/t" + channels;
    features(spark, channels, count).write().parquet(table);
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
    rounds.compare(
        "fit " + name, "MLlib's PCA.fit", () -> ours.fit(arrays), () -> theirs.fit(vectors));
    PointwiseModel model = ours.fit(arrays);
    PCAModel pcaModel = theirs.fit(vectors);
    rounds.compare(
        "transform " + name,
        "MLlib's PCAModel.transform",
        () -> SparkRounds.discard(model.transform(arrays).select("reduced")),
        () -> SparkRounds.discard(pcaModel.transform(vectors).select("reduced")));
    vectors.unpersist(true);
    arrays.unpersist(true);
    Dataset<Row> stored = spark.read().parquet(table);
    rounds.compare(
        "Parquet to Parquet " + name,
        "slice(features, 1, 64)",
        () -> write(model.transform(stored).select("reduced"), folder),
        () ->
            write(
                stored.selectExpr("slice(features, 1, %d) reduced".formatted(COMPONENTS)), folder));
  }

  /** Returns features that are correlated and compress as activations do: half of them are 0. */
  private static Dataset<Row> features(SparkSession spark, int channels, int count) {
    return spark
        .range(0, count, 1, FIT_PARTITIONS)
        .selectExpr(
            "transform(sequence(1, %d), c -> float(greatest(0, sin(id * 0.37 + c * c * 0.11) + cos(id * c * 0.013)))) features"
                .formatted(channels));
  }

  private static Dataset<Row> cached(Dataset<Row> data) {
    Dataset<Row> cached = data.persist(StorageLevel.MEMORY_ONLY());
    SparkRounds.discard(cached);
    return cached;
  }

  private static void write(Dataset<Row> data, Path folder) {
    data.write().mode("overwrite").parquet(folder + "/out");
  }
}
