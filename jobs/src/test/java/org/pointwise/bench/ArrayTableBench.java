package org.pointwise.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares queries over an array as a table with the same queries over its rows in Parquet. */
@Command(
    name = "scripts/bench arrays",
    mixinStandardHelpOptions = true,
    description = {
      "Queries over the pixels of a Zarr array with 256 channels (v3, sharded, zstd), and over the",
      "same rows in Parquet (zstd) that Spark reads. Results go to Spark's noop sink."
    })
public final class ArrayTableBench implements Callable<Integer> {
  private static final int SIDE = 256;
  private static final int CHANNELS = 256;
  private static final String PEER = "Spark's Parquet";

  @Option(names = "--images", paramLabel = "N", description = "of 64 MiB (${DEFAULT-VALUE})")
  int images = 16;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int roundCount = 3;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  public static void main(String[] args) {
    System.exit(new CommandLine(new ArrayTableBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe());
    System.out.println(Result.header());
    Path folder = Files.createTempDirectory("pointwise-arrays");
    SparkRounds rounds = new SparkRounds(roundCount, json);
    try (SparkSession spark = SparkRounds.session()) {
      String path = array(folder);
      Dataset<Row> array =
          spark.read().format("pointwise").option("nodataValue", "none").load(path);
      array.write().parquet(folder + "/rows");
      Dataset<Row> stored = spark.read().parquet(folder + "/rows");
      rounds.compare(
          "avg(features[7]) by image",
          PEER,
          () -> SparkRounds.discard(array.groupBy("n").agg(functions.expr("avg(features[7])"))),
          () -> SparkRounds.discard(stored.groupBy("n").agg(functions.expr("avg(features[7])"))));
      rounds.compare(
          "all features of one image",
          PEER,
          () -> SparkRounds.discard(array.where("n = 3").select("features")),
          () -> SparkRounds.discard(stored.where("n = 3").select("features")));
      rounds.compare("count(*)", PEER, array::count, stored::count);
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  /** Stores features that are correlated and compress as activations do: half of them are 0. */
  private String array(Path folder) throws Exception {
    FeatureShape shape = new FeatureShape(images, SIDE, SIDE, CHANNELS);
    float[] values = new float[Math.toIntExact(shape.pixels() * CHANNELS)];
    for (int i = 0; i < values.length; i++) {
      long pixel = i / CHANNELS;
      int c = i % CHANNELS;
      values[i] =
          (float) Math.max(0, Math.sin(pixel * 0.37 + c * c * 0.11) + Math.cos(pixel * c * 0.013));
    }
    Extent chunk = new Extent(1, 64, 64);
    return new Arrays4(shape, values)
        .zarr(folder + "/a.zarr", 3, "n,y,x,c", chunk, new Extent(1, SIDE, SIDE));
  }
}
