package pointwise.ml;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.cli.Cli;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.testing.Seed;

/** Fits discriminants of few and many classes. */
class LDATest extends MlFixture {
  @TempDir Path folder;

  /** Returns rows of classes 0, 1, … with different means. */
  private static float[][] pixels(Random random, int count, int channels, int classes) {
    float[][] pixels = pixels(random, count, channels);
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < channels; c++) {
        pixels[i][c] += 3 * (i % classes) * (c % 3 - 1);
      }
      pixels[i][i % classes % channels] += 5;
    }
    return pixels;
  }

  private static Dataset<Row> labelled(float[][] pixels, int classes, int partitions) {
    return table(pixels, Kind.FLOATS, partitions)
        .withColumn("label", functions.pmod(col("id"), functions.lit(classes)));
  }

  @Test
  void rowsWithoutLabelAreNotUsed() {
    float[][] pixels = pixels(Seed.random("unlabelled"), 300, 6, 3);
    for (int i = 200; i < 300; i++) {
      pixels[i][2] += 1000;
    }
    pixels[299] = new float[9];
    Dataset<Row> data = labelled(pixels, 3, 1);
    PointwiseModel expected = new LDA().fit(data.filter("id < 200"));
    for (String none : new String[] {"null", "double('nan')"}) {
      Dataset<Row> unlabelled =
          data.withColumn(
              "label", functions.expr("if(id < 200, double(label), %s)".formatted(none)));
      PointwiseModel model = new LDA().fit(unlabelled);
      assertThat(model.fitSummary()).containsEntry("pixels", "200");
      assertThat(model.pc()).isEqualTo(expected.pc());
      assertThat(model.bias()).isEqualTo(expected.bias());
    }
  }

  @Test
  void labelsThatAreNoClassesAreRefused() {
    Dataset<Row> data = labelled(pixels(Seed.random("classes"), 60, 4, 3), 3, 2);
    refused(
        () -> new LDA().fit(data.withColumn("label", functions.expr("-1 - label"))),
        "column label: one is -3.0 but labels are whole numbers, 0 …");
    refused(
        () -> new LDA().fit(data.withColumn("label", functions.expr("label - 1"))), "one is -1.0");
    refused(
        () -> new LDA().fit(data.withColumn("label", functions.expr("int(null)"))),
        "no row has one; set another labelCol or correct the table");
  }

  private static void refused(ThrowingCallable call, String text) {
    assertThatThrownBy(call)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(text)
        .hasMessageNotContaining("--");
  }

  /** The command line keeps the co-moments of each class. */
  @Test
  void resultsAreThoseOfTheCommandLine() throws Exception {
    float[][] pixels = pixels(Seed.random("lda"), 500, 7, 4);
    pixels[44] = new float[] {1, Float.NaN, 2, 3, 4, 5, 6};
    float[] labels = new float[500];
    for (int i = 0; i < 500; i++) {
      labels[i] = i % 4;
    }
    NpyFiles.write(folder.resolve("x.npy"), pixels, "float32");
    NpyFiles.write(folder.resolve("labels.npy"), labels);
    Cli fit =
        Cli.run(
            ("fit %1$s/x.npy %1$s/w.safetensors --axes x,c --method lda --channels 3 --classes 4 --quiet --labels %1$s/labels.npy")
                .formatted(folder)
                .split(" "));
    assertThat(fit.code()).as(fit.err()).isZero();
    PointwiseModel theirs = PointwiseModel.load(folder + "/w.safetensors");
    for (int partitions : new int[] {1, 5, 40}) {
      PointwiseModel ours = new LDA().fit(labelled(pixels, 4, partitions));
      double largest = largest(theirs.pc().toArray());
      assertThat(ours.pc().toArray())
          .containsExactly(theirs.pc().toArray(), within(1e-4 * largest));
      assertThat(ours.fitSummary()).containsEntry("nonFiniteRows", "1");
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** One triangle per class would need 2.4 GB for each partition. */
  @Test
  void manyClassesFitIntoMemory() {
    Dataset<Row> data =
        spark
            .range(0, 4000, 1, 4)
            .selectExpr(
                "transform(sequence(1, 768), c -> float(sin(id * c * 0.37) + if(c = 1 + id % 700, 3, 0))) AS features",
                "id % 1000 AS label");
    PointwiseModel model = new LDA().setK(5).fit(data);
    assertThat(model.outChannels()).isEqualTo(5);
    assertThat(model.fitSummary()).containsEntry("pixels", "4000");
  }
}
