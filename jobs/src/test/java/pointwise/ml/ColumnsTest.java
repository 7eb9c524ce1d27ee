package pointwise.ml;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Applies layers to columns of all types; Spark's matrices compute the same in float64. */
class ColumnsTest extends MlFixture {
  private static final int CASES = 24;

  @TempDir Path folder;

  @Test
  void sparksMatricesComputeTheSame() throws Exception {
    Random random = Seed.random("columns");
    for (int i = 0; i < CASES; i++) {
      Kind kind = Kind.values()[i % Kind.values().length];
      int in = 1 + random.nextInt(40);
      int out = 1 + random.nextInt(20);
      String weights = folder + "/w%d.safetensors".formatted(i);
      PointwiseLayer layer = layer(random, in, out, random.nextBoolean());
      WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
      float[][] pixels = pixels(random, 1 + random.nextInt(200), in);
      for (int p = 0; p < pixels.length; p++) {
        for (int c = 0; c < in; c++) {
          pixels[p][c] = Math.round(pixels[p][c] * 16) / 16f; // exact in float16
          pixels[p][c] = random.nextInt(50 * in) == 0 ? Float.NaN : pixels[p][c];
        }
        pixels[p] = random.nextInt(10) == 0 ? null : pixels[p];
      }
      Dataset<Row> data = table(pixels, kind, 1 + random.nextInt(4));
      if (random.nextBoolean()) {
        data.write().parquet(folder + "/t" + i);
        data = spark.read().parquet(folder + "/t" + i);
      } else if (random.nextBoolean()) {
        data = data.cache();
      }
      boolean nanIsNodata = random.nextBoolean();
      PointwiseModel model =
          PointwiseModel.load(weights).setOutputCol("y").setNanIsNodata(nanIsNodata);
      String description = "case %d %s %d → %d seed %d".formatted(i, kind, in, out, Seed.value());
      Dataset<Row> reduced = model.transform(data).orderBy("id");
      assertThat(reduced.schema()).isEqualTo(model.transformSchema(data.schema()));
      List<Row> rows = reduced.collectAsList();
      assertThat(rows).hasSameSizeAs(pixels);
      for (int p = 0; p < pixels.length; p++) {
        double[] y = numbers(rows.get(p).getAs("y"));
        boolean nan = pixels[p] != null && hasNan(pixels[p]);
        if (pixels[p] == null || (nan && nanIsNodata)) {
          assertThat(y).as(description).isNull();
        } else if (nan) {
          assertThat(Arrays.stream(y).allMatch(Double::isNaN)).as(description).isTrue();
        } else {
          assertThat(y).as(description).containsExactly(expected(layer, pixels[p]), within(2e-3));
        }
      }
    }
  }

  private static boolean hasNan(float[] pixel) {
    for (float value : pixel) {
      if (Float.isNaN(value)) {
        return true;
      }
    }
    return false;
  }

  private static PointwiseLayer layer(Random random, int in, int out, boolean relu) {
    float[] weights = new float[in * out];
    float[] bias = new float[out];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < out; i++) {
      bias[i] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(weights, bias, relu ? Activation.RELU : Activation.NONE);
  }

  /** Computes the outputs of a pixel in float64 by Spark's matrices. */
  private static double[] expected(PointwiseLayer layer, float[] pixel) {
    int in = layer.inChannels();
    double[] weights = new double[in * layer.outChannels()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = layer.weight(i / in, i % in);
    }
    double[] x = new double[in];
    Arrays.setAll(x, c -> pixel[c]);
    DenseMatrix matrix = new DenseMatrix(layer.outChannels(), in, weights, true);
    double[] y = matrix.multiply(new DenseVector(x)).toArray();
    for (int o = 0; o < y.length; o++) {
      y[o] += layer.bias(o);
      y[o] = layer.activation() == Activation.RELU ? Math.max(0, y[o]) : y[o];
    }
    return y;
  }

  private static double[] numbers(Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof DenseVector vector) {
      return vector.toArray();
    }
    return JavaConverters.seqAsJavaList((Seq<?>) value).stream()
        .mapToDouble(number -> number == null ? Double.NaN : ((Number) number).doubleValue())
        .toArray();
  }

  @Test
  void rowsWithoutNumbersAreLeftOutOfFit() {
    float[][] pixels = pixels(Seed.random("left out"), 300, 5);
    PointwiseModel expected = new PCA().setK(2).fit(table(pixels, Kind.FLOATS, 1));
    float[][] more = Arrays.copyOf(pixels, 303);
    more[300] = new float[] {1, 2, Float.NaN, 4, 5};
    more[301] = new float[] {Float.POSITIVE_INFINITY, 2, 3, 4, 5};
    for (Kind kind : Kind.values()) {
      PCA pca = new PCA().setK(2);
      if (kind == Kind.FLOAT16_BYTES) {
        pca.setBinaryType("float16");
      }
      PointwiseModel model = pca.fit(table(more, kind, 1));
      assertThat(model.pc().toArray())
          .containsExactly(
              expected.pc().toArray(), within(kind == Kind.FLOAT16_BYTES ? 1e-2 : 1e-6));
      assertThat(model.fitSummary()).containsEntry("nullRows", "1");
      assertThat(model.fitSummary()).containsEntry("nonFiniteRows", "2");
      assertThat(model.fitSummary()).containsEntry("pixels", "300");
    }
  }

  @Test
  void whitenedOutputsHaveUnitCovariance() {
    Dataset<Row> data = table(pixels(Seed.random("white"), 500, 6), Kind.FLOATS, 3);
    Dataset<Row> white = new Whiten().setK(4).setOutputCol("y").fit(data).transform(data);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j <= i; j++) {
        Row found = white.selectExpr("covar_pop(y[%d], y[%d])".formatted(i, j)).first();
        assertThat(found.getDouble(0)).isCloseTo(i == j ? 1 : 0, within(1e-3));
      }
    }
  }

  /** One discriminant of two classes parts them as logistic regression over all channels does. */
  @Test
  void discriminantsPartClasses() {
    Random random = Seed.random("lda");
    float[][] pixels = pixels(random, 400, 6);
    for (int i = 0; i < pixels.length; i += 2) {
      pixels[i][2] += 9;
    }
    Dataset<Row> data =
        table(pixels, Kind.VECTORS, 2).withColumn("label", col("id").plus(1).mod(2));
    LDA lda = new LDA().setOutputCol("y");
    Dataset<Row> reduced = lda.fit(data).transform(data);
    assertThat(accuracy(reduced, "y")).isGreaterThanOrEqualTo(accuracy(reduced, "features") - 0.03);
    Dataset<Row> unlabelled =
        data.withColumn("label", functions.when(col("id").lt(300), col("label")));
    assertThat(lda.fit(unlabelled).outChannels()).isEqualTo(1);
    refused(() -> lda.fit(data.withColumn("label", col("id").plus(0.5))), "whole numbers");
    refused(() -> lda.fit(data.withColumn("label", functions.lit("a"))), "must be a number");
    refused(() -> lda.fit(data.withColumn("label", functions.lit(0))), "all labelled pixels");
    refused(() -> new LDA().setK(2).fit(data), "allow 1 … 1; set k in that range");
  }

  private static double accuracy(Dataset<Row> data, String column) {
    return new LogisticRegression()
        .setFeaturesCol(column)
        .fit(data)
        .transform(data)
        .selectExpr("avg(if(label = prediction, 1.0, 0.0))")
        .first()
        .getDecimal(0)
        .doubleValue();
  }

  @Test
  void streams() throws Exception {
    float[][] pixels = pixels(Seed.random("stream"), 120, 5);
    Dataset<Row> data = table(pixels, Kind.FLOATS, 3);
    PointwiseModel model = new PCA().setK(2).setOutputCol("y").fit(data);
    data.write().parquet(folder + "/in");
    Dataset<Row> stream = spark.readStream().schema(data.schema()).parquet(folder + "/in");
    StreamingQuery query =
        model
            .transform(stream)
            .writeStream()
            .format("parquet")
            .option("path", folder + "/out")
            .option("checkpointLocation", folder + "/checkpoint")
            .trigger(Trigger.AvailableNow())
            .start();
    query.awaitTermination();
    assertThat(spark.read().parquet(folder + "/out").orderBy("id").collectAsList())
        .isEqualTo(model.transform(data).orderBy("id").collectAsList());
  }

  @Test
  void writtenWeightsAreTheModel() {
    Dataset<Row> data = table(pixels(Seed.random("written"), 100, 7), Kind.FLOATS, 2);
    PointwiseModel model = new PCA().setK(3).setOutputCol("y").fit(data);
    for (String ending : new String[] {"safetensors", "npy", "onnx"}) {
      String file = folder + "/w." + ending;
      model.writeWeights(file);
      PointwiseModel read = PointwiseModel.load(file).setOutputCol("y");
      assertThat(read.transform(data).collectAsList())
          .isEqualTo(model.transform(data).collectAsList());
    }
  }

  @Test
  void badInputIsOneClearLine() {
    Dataset<Row> data = table(pixels(Seed.random("bad"), 30, 5), Kind.FLOATS, 2);
    PCA pca = new PCA().setK(2).setOutputCol("y");
    refused(() -> pca.copy(map()).setInputCol("feature").fit(data), "the table has id, features");
    refused(() -> pca.copy(map()).setInputCol("id").fit(data), "type INT but must be ARRAY<FLOAT>");
    refused(() -> pca.copy(map()).setOutputCol("ID").fit(data), "already has it");
    refused(() -> new PCA().fit(data), "set one of k and keepVariance");
    refused(() -> pca.copy(map()).setKeepVariance(0.5).fit(data), "contradict");
    refused(() -> pca.copy(map()).setK(0).fit(data), "k is 0 but must be at least 1");
    refused(() -> pca.copy(map()).setK(6).fit(data), "allow 1 … 5; set k in that range");
    refused(() -> pca.copy(map()).setBinaryType("int8").fit(data), "must be float32 or float16");
    refused(() -> pca.fit(data.filter("id < 0")), "it has no values (0 rows are null)");
    refused(
        () ->
            pca.fit(data.withColumn("features", functions.expr("slice(features, 1, 4 + id % 2)"))),
        "but all must have the same number");
    PointwiseModel model = pca.fit(data);
    refused(() -> model.transform(data.withColumn("y", col("id"))), "already has it");
    Dataset<Row> short4 = data.withColumn("features", functions.expr("slice(features, 1, 4)"));
    refused(() -> model.transform(short4).collectAsList(), "4 channels but the layer reads 5");
    Dataset<Row> holes =
        data.withColumn("features", functions.expr("transform(features, x -> if(x > 0, null, x))"));
    refused(() -> model.transform(holes).collectAsList(), "is null");
    Dataset<Row> odd = data.withColumn("features", functions.expr("binary('abc')"));
    refused(() -> model.transform(odd).collectAsList(), "a value has 3 bytes");
    Dataset<Row> halves = data.withColumn("features", functions.expr("binary('abcdefgh')"));
    refused(
        () -> model.transform(halves).collectAsList(),
        "a value has 8 bytes but the 5 channels of the layer are 20 of float32 or 10 of float16");
    Dataset<Row> huge =
        data.withColumn("features", functions.expr("array(1e30d * id, 1d, id * 1d)"));
    assertThat(new PCA().setK(1).fit(huge).pc().apply(0, 0)).isEqualTo(1); // sums are float64
    Dataset<Row> floats = huge.withColumn("features", col("features").cast("array<float>"));
    refused(() -> new PCA().setK(1).fit(floats), "divide the column by a number");
    refused(() -> PointwiseModel.load(folder + "/none"), "neither a folder");
    refused(() -> PointwiseModel.load(folder + "/none.npy"), "none.npy");
  }

  private static ParamMap map() {
    return ParamMap.empty();
  }

  /** The message is in the exception or, where a task throws it, in one of its causes. */
  private static void refused(ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .satisfies(
            thrown -> {
              StringBuilder messages = new StringBuilder();
              for (Throwable e = thrown; e != null; e = e.getCause()) {
                messages.append(e.getMessage()).append('\n');
              }
              assertThat(messages.toString()).contains(text);
            });
  }
}
