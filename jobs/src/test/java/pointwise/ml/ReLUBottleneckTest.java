package pointwise.ml;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.pointwise.cli.Cli;
import org.pointwise.cli.PythonPeer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Seed;

/** Trains layers on rows; NumPy judges them ({@code scripts/interop/relu_bottleneck.py}). */
class ReLUBottleneckTest extends ReLUBottleneckFixture {
  private static final int CASES = 12;

  /** Rows, of which some are null or have NaN, and their labels, −1 for none. */
  private record Rows(float[][] pixels, float[] labels, Kind kind) {
    static Rows random(Random random) {
      int channels = 1 + random.nextInt(random.nextBoolean() ? 6 : 24);
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      float[][] pixels = MlFixture.pixels(random, 1 + random.nextInt(500), channels);
      float[] labels = new float[pixels.length];
      int classes = 2 + random.nextInt(4);
      int copied = random.nextInt(channels);
      boolean singular = random.nextInt(4) == 0;
      float scale = kind == Kind.FLOAT16_BYTES ? 1 : (float) Math.pow(10, random.nextInt(7) - 3);
      for (int i = 0; i < pixels.length; i++) {
        labels[i] = random.nextInt(classes);
        pixels[i][random.nextInt(channels)] += 2 * labels[i];
        for (int c = 0; c < channels; c++) {
          pixels[i][c] *= scale;
        }
        pixels[i][copied] = singular ? pixels[i][0] : pixels[i][copied];
        if (random.nextInt(20) == 0) {
          pixels[i][copied] = Float.NaN;
        }
        labels[i] = random.nextInt(10) == 0 ? -1 : labels[i];
      }
      return new Rows(pixels, labels, kind);
    }

    /** Returns the table; a row of NaN is a null value where {@code nulls}. */
    Dataset<Row> table(boolean nulls, int partitions) {
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < pixels.length; i++) {
        boolean isNull = nulls && hasNaN(pixels[i]);
        Float none = nulls ? null : Float.valueOf(Float.NaN);
        rows.add(
            RowFactory.create(
                i,
                isNull ? null : kind.value(pixels[i]),
                labels[i] < 0 ? none : Float.valueOf(labels[i])));
      }
      StructType schema =
          new StructType()
              .add("id", DataTypes.IntegerType)
              .add("features", kind.type())
              .add("label", DataTypes.FloatType);
      return spark
          .createDataFrame(rows, schema)
          .repartitionByRange(partitions, col("id"))
          .sortWithinPartitions("id");
    }

    private static boolean hasNaN(float[] pixel) {
      for (float number : pixel) {
        if (Float.isNaN(number)) {
          return true;
        }
      }
      return false;
    }
  }

  @Test
  void layersAreWhatNumPyComputes() throws Exception {
    Random random = Seed.random("bottleneck");
    try (PythonPeer python = PythonPeer.start(folder, "relu_bottleneck.py")) {
      for (int i = 0; i < CASES; i++) {
        Rows rows = Rows.random(random);
        int channels = rows.pixels()[0].length;
        int partitions = 1 + random.nextInt(5);
        Dataset<Row> data = rows.table(random.nextBoolean(), partitions);
        boolean classes = random.nextBoolean();
        int k = random.nextInt(4) == 0 ? channels : 1 + random.nextInt(channels);
        ReLUBottleneck estimator = bottleneck(k).setSeed(random.nextInt(1000));
        estimator.setTrainPixels(random.nextBoolean() ? 200_000 : 1 + random.nextInt(600));
        estimator.setBinaryType(rows.kind() == Kind.FLOAT16_BYTES ? "float16" : "float32");
        if (classes) {
          estimator.setLabelCol("label");
        }
        String weights = folder + "/w%d.safetensors".formatted(i);
        String refusal = "";
        try {
          PointwiseModel model = estimator.fit(data);
          model.writeWeights(weights);
          assertThat(model.fitSummary()).containsKeys("loss", "iterations", "converged", "rank");
        } catch (InvalidInputException e) {
          assertThat(e.getMessage()).doesNotContain("--").hasLineCount(1);
          refusal = e.getMessage();
        }
        ObjectNode request =
            JsonText.object()
                .put("k", k)
                .put("seed", estimator.getSeed())
                .put("trainPixels", estimator.getTrainPixels())
                .put("pixels", folder + "/x.npy")
                .put("places", folder + "/places.npy")
                .put("labels", classes ? folder + "/labels.npy" : null)
                .put("weights", refusal.isEmpty() ? weights : null);
        String type = rows.kind() == Kind.FLOAT16_BYTES ? "float16" : "float32";
        NpyFiles.write(folder.resolve("x.npy"), rows.pixels(), type);
        NpyFiles.write(folder.resolve("places.npy"), places(data), "float32");
        NpyFiles.write(folder.resolve("labels.npy"), rows.labels());
        JsonNode found = python.call(request);
        assertThat(found.path("wrong"))
            .as("case %d seed %d %s: %s\n%s", i, Seed.value(), rows.kind(), request, refusal)
            .isEmpty();
      }
    }
  }

  /** Returns the partition of each row and its number in it, by Spark's own numbers. */
  private static float[][] places(Dataset<Row> data) {
    List<Row> rows =
        data.select(col("id"), functions.monotonically_increasing_id().as("place"))
            .orderBy("id")
            .collectAsList();
    float[][] places = new float[rows.size()][];
    for (int i = 0; i < places.length; i++) {
      long place = rows.get(i).getLong(1);
      places[i] = new float[] {place >> 33, place & ((1L << 33) - 1)};
    }
    return places;
  }

  /** One partition gives the bytes of the command line over the same pixels, sampled or not. */
  @Test
  void onePartitionIsTheCommandLine() throws Exception {
    Random random = Seed.random("command line");
    for (Kind kind : new Kind[] {Kind.FLOATS, Kind.DOUBLES, Kind.VECTORS, Kind.FLOAT16_BYTES}) {
      for (int kept : new int[] {200_000, 300}) {
        int channels = 3 + random.nextInt(20);
        float[][] pixels = pixels(random, 900 + random.nextInt(200), channels);
        pixels[17][1] = Float.NaN;
        String type =
            kind == Kind.FLOATS ? "float32" : kind == Kind.FLOAT16_BYTES ? "float16" : "float64";
        NpyFiles.write(folder.resolve("x.npy"), pixels, type);
        int seed = random.nextInt(100);
        ReLUBottleneck estimator =
            bottleneck(3)
                .setSeed(seed)
                .setTrainPixels(kept)
                .setMaxIter(40)
                .setWeightDecay(1e-3)
                .setBinaryType(kind == Kind.FLOAT16_BYTES ? "float16" : "float32");
        Dataset<Row> data = table(pixels, kind, 1).sortWithinPartitions("id");
        sameAsCommandLine(
            estimator.fit(data),
            "--seed %d --train-pixels %d --max-iter 40 --weight-decay 1e-3".formatted(seed, kept));
      }
    }
  }

  private PointwiseModel sameAsCommandLine(PointwiseModel ours, String options) {
    String theirs = folder + "/theirs.safetensors";
    String command =
        "fit %s/x.npy %s --axes x,c --method bottleneck --channels %d --quiet --overwrite %s";
    Cli fit = Cli.run(command.formatted(folder, theirs, ours.outChannels(), options).split(" "));
    assertThat(fit.code()).as(fit.err()).isZero();
    String file = folder + "/ours.safetensors";
    ours.replaceWeights(file);
    for (String part : new String[] {"", "#decoder.weight"}) {
      PointwiseModel expected = PointwiseModel.loadWeights(theirs + part);
      PointwiseModel found = PointwiseModel.loadWeights(file + part);
      assertThat(found.pc()).as(options + part).isEqualTo(expected.pc());
      assertThat(found.bias()).as(options + part).isEqualTo(expected.bias());
    }
    Map<String, String> expected = PointwiseModel.loadWeights(theirs).fitSummary();
    for (String fact :
        new String[] {
          "method",
          "pixels",
          "loss",
          "explainedVariance",
          "iterations",
          "converged",
          "rank",
          "seed",
          "sha256",
          "activation"
        }) {
      assertThat(PointwiseModel.loadWeights(file).fitSummary().get(fact))
          .as(options + fact)
          .isNotNull()
          .isEqualTo(expected.get(fact));
    }
    return ours;
  }

  /** Rows of four tiles are sampled as by the command line. */
  @Test
  void manyTilesAreTheCommandLine() throws Exception {
    Random random = Seed.random("tiles");
    float[][] pixels = pixels(random, 3000, 16);
    float[][] many = new float[1_700_000][];
    for (int i = 0; i < many.length; i++) {
      many[i] = pixels[(int) ((i * 7919L + i / 3000) % 3000)];
    }
    NpyFiles.write(folder.resolve("x.npy"), many, "float32");
    Dataset<Row> data =
        spark
            .read()
            .format("pointwise")
            .option("axes", "x,c")
            .load(folder + "/x.npy")
            .select("features")
            .coalesce(1);
    sameAsCommandLine(bottleneck(9).setWeightDecay(0).fit(data), "--weight-decay 0");
  }

  /** Classes in one partition, and in several, are those of the command line but for rounding. */
  @Test
  void classesAreThoseOfTheCommandLine() throws Exception {
    float[][] pixels = pixels(Seed.random("classes"), 900, 7);
    float[] labels = new float[900];
    for (int i = 0; i < 900; i++) {
      labels[i] = i % 4;
      pixels[i][i % 4] += 1.5f;
    }
    NpyFiles.write(folder.resolve("x.npy"), pixels, "float32");
    NpyFiles.write(folder.resolve("labels.npy"), labels);
    String theirs = folder + "/w.safetensors";
    Cli fit =
        Cli.run(
            ("fit %1$s/x.npy %2$s --axes x,c --method bottleneck --channels 3 --classes 4 --quiet --labels %1$s/labels.npy")
                .formatted(folder, theirs)
                .split(" "));
    assertThat(fit.code()).as(fit.err()).isZero();
    double expected = loss(PointwiseModel.load(theirs));
    for (int partitions : new int[] {1, 3, 40}) {
      PointwiseModel ours =
          bottleneck(3)
              .setLabelCol("label")
              .fit(
                  table(pixels, Kind.FLOATS, partitions)
                      .withColumn("label", functions.expr("id % 4")));
      assertThat(loss(ours)).isBetween(expected / 1.1, expected * 1.1);
      assertThat(Double.parseDouble(ours.fitSummary().get("accuracy"))).isGreaterThan(0.5);
    }
  }

  private static double loss(PointwiseModel model) {
    return Double.parseDouble(model.fitSummary().get("loss"));
  }

  /** The rows of 12 and of 300 partitions are trained on in several tasks. */
  @Test
  void tasksEndInAnyOrder() {
    for (int partitions : new int[] {12, 300}) {
      Dataset<Row> data =
          spark
              .range(0, 60_000, 1, partitions)
              .selectExpr(
                  "transform(sequence(1, 24), c -> float(sin(id * c * 0.37) / c)) AS features",
                  "id % 3 AS label");
      ReLUBottleneck estimator = bottleneck(4).setMaxIter(3).setLabelCol("label");
      PointwiseModel first = estimator.fit(data);
      PointwiseModel second = estimator.fit(data);
      assertThat(second.pc()).isEqualTo(first.pc());
      assertThat(second.bias()).isEqualTo(first.bias());
      assertThat(second.fitSummary()).isEqualTo(first.fitSummary());
    }
  }
}
