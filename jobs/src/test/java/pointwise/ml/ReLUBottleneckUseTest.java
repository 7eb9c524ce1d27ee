package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.testing.Seed;

/** Refusals, cancellation and saving of trained layers, and their use in other parts of Spark. */
class ReLUBottleneckUseTest extends ReLUBottleneckFixture {
  @Test
  void whatCannotBeTrainedIsRefused() {
    Dataset<Row> data =
        table(pixels(Seed.random("refused"), 60, 4), Kind.FLOATS, 2)
            .withColumn("label", functions.expr("id % 3"));
    refused(() -> new ReLUBottleneck().fit(data), "the number of outputs is not set; set k");
    refused(() -> bottleneck(0).fit(data), "k is 0 but must be at least 1");
    refused(() -> bottleneck(5).fit(data), "k is 5 but the column has 4 channels; set k to 1 … 4");
    refused(() -> bottleneck(2).setMaxIter(0).fit(data), "maxIter is 0 but must be");
    refused(() -> bottleneck(2).setTrainPixels(0).fit(data), "trainPixels is 0 but must be");
    refused(() -> bottleneck(2).setWeightDecay(-1).fit(data), "weightDecay is -1.0 but must");
    refused(() -> bottleneck(2).setWeightDecay(Double.NaN).fit(data), "weightDecay is NaN but");
    refused(() -> classes("none", data), "Cannot find column none");
    refused(() -> classes("features", data), "must be a number; index the classes");
    refused(() -> classes("label", label(data, "label - 1")), "one is -1.0 but labels are");
    refused(() -> classes("label", label(data, "label + 0.5")), ".5 but labels are");
    refused(() -> classes("label", label(data, "2 * label")), "class 1 of 0 … 4 has no pixels");
    refused(() -> classes("label", label(data, "0 * label")), "at least two classes are needed");
    refused(() -> classes("label", label(data, "int(null)")), "no row has one");
    Dataset<Row> same = data.withColumn("features", functions.expr("array(1f, 2f, 3f, 4f)"));
    refused(() -> bottleneck(2).fit(same), "all 60 pixels are the same");
    Dataset<Row> some =
        data.withColumn("features", functions.expr("slice(features, 1, 3 + int(id = 59))"));
    refused(() -> bottleneck(2).fit(some), "all must have the same number");
    Dataset<Row> none = data.withColumn("features", functions.expr("if(id < 0, features, null)"));
    refused(() -> bottleneck(2).fit(none), "it has no values (60 rows are null)");
    Dataset<Row> nan = data.withColumn("features", functions.expr("array_repeat(float('nan'), 4)"));
    refused(() -> classes("label", nan), "60 not finite");
  }

  private static PointwiseModel classes(String column, Dataset<Row> data) {
    return bottleneck(2).setLabelCol(column).fit(data);
  }

  private static Dataset<Row> label(Dataset<Row> data, String expression) {
    return data.withColumn("label", functions.expr(expression));
  }

  private static void refused(ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(text)
        .hasMessageNotContaining("--");
    assertThatThrownBy(call).message().hasLineCount(1);
  }

  /** A cancelled fit ends with Spark's error, and {@link #nothingIsKept}. */
  @Test
  void cancelledFitsKeepNothing() {
    Dataset<Row> data = table(pixels(Seed.random("cancelled"), 4000, 30), Kind.FLOATS, 4);
    List<Integer> persistent = new ArrayList<>();
    SparkListener cancelling =
        new SparkListener() {
          private int jobs;

          @Override
          public void onJobStart(SparkListenerJobStart job) {
            if (++jobs >= 6) { // it may have ended
              persistent.add(context().getPersistentRDDs().size());
              spark.sparkContext().cancelJobGroup("cancelled");
            }
          }
        };
    spark.sparkContext().addSparkListener(cancelling);
    context().setJobGroup("cancelled", "a fit");
    try {
      assertThatThrownBy(() -> bottleneck(9).setWeightDecay(0).fit(data))
          .hasMessageContaining("cancelled");
    } finally {
      context().clearJobGroup();
      spark.sparkContext().removeSparkListener(cancelling);
    }
    assertThat(persistent).contains(1);
  }

  @Test
  void interruptedFitsKeepNothing() {
    Dataset<Row> data = table(pixels(Seed.random("interrupted"), 300, 5), Kind.FLOATS, 2);
    Thread thread = Thread.currentThread();
    SparkListener interrupting =
        new SparkListener() {
          private int jobs;

          @Override
          public void onJobStart(SparkListenerJobStart job) {
            if (++jobs == 6) {
              thread.interrupt();
            }
          }
        };
    spark.sparkContext().addSparkListener(interrupting);
    try {
      assertThatThrownBy(() -> bottleneck(2).setWeightDecay(0).fit(data))
          .isInstanceOf(InterruptedException.class);
    } finally {
      Thread.interrupted();
      spark.sparkContext().removeSparkListener(interrupting);
    }
  }

  @Test
  void savedModelsHaveDecoderAndHead() throws Exception {
    Dataset<Row> data =
        table(pixels(Seed.random("saved"), 200, 6), Kind.VECTORS, 2)
            .withColumn("label", functions.expr("id % 3"));
    ReLUBottleneck estimator = bottleneck(2).setLabelCol("label").setMaxIter(5).setSeed(7);
    estimator.setTrainPixels(1L << 40).setWeightDecay(0.25).save(folder + "/estimator");
    ReLUBottleneck loaded = ReLUBottleneck.load(folder + "/estimator");
    assertThat(loaded.getLabelCol()).isEqualTo("label");
    assertThat(loaded.getSeed()).isEqualTo(7);
    assertThat(loaded.getTrainPixels()).isEqualTo(1L << 40);
    assertThat(loaded.getMaxIter()).isEqualTo(5);
    assertThat(loaded.getWeightDecay()).isEqualTo(0.25);
    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {loaded}).fit(data);
    pipeline.save(folder + "/pipeline");
    List<Row> expected = pipeline.transform(data).collectAsList();
    PipelineModel again = PipelineModel.load(folder + "/pipeline");
    assertThat(again.transform(data).collectAsList()).isEqualTo(expected);
    PointwiseModel model = (PointwiseModel) again.stages()[0];
    assertThat(model.fitSummary()).containsKeys("accuracy", "meanIou", "loss", "converged");
    model.writeWeights(folder + "/w.safetensors");
    PointwiseModel head = PointwiseModel.loadWeights(folder + "/w.safetensors#head.weight");
    assertThat(List.of(head.inChannels(), head.outChannels())).containsExactly(2, 3);
    PointwiseModel decoder = PointwiseModel.loadWeights(folder + "/w.safetensors#decoder.weight");
    assertThat(List.of(decoder.inChannels(), decoder.outChannels())).containsExactly(2, 6);
    model.writeWeights(folder + "/w.onnx");
    assertThat(folder.resolve("w.head.onnx")).exists();
    assertThat(PointwiseModel.load(folder + "/w.onnx").pc()).isEqualTo(model.pc());
    refused(() -> model.writeWeights(folder + "/w.npy"), "an .npy file holds no activation");
  }

  @Test
  void crossValidationChoosesOutputs() {
    ReLUBottleneck estimator = bottleneck(1).setMaxIter(20);
    requireSelected(estimator, estimator.k());
  }

  @Test
  void streamsAreReduced() throws Exception {
    Dataset<Row> data = table(pixels(Seed.random("stream"), 120, 5), Kind.FLOATS, 3);
    PointwiseModel model = bottleneck(2).setMaxIter(3).fit(data);
    data.write().parquet(folder + "/in");
    Dataset<Row> stream = spark.readStream().schema(data.schema()).parquet(folder + "/in");
    model
        .transform(stream)
        .writeStream()
        .format("parquet")
        .option("path", folder + "/out")
        .option("checkpointLocation", folder + "/checkpoint")
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    assertThat(spark.read().parquet(folder + "/out").orderBy("id").collectAsList())
        .isEqualTo(model.transform(data).orderBy("id").collectAsList());
  }
}
