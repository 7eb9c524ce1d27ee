package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.cli.Cli;
import org.pointwise.testing.Seed;

/** Compares principal components with Spark's own, and with those of the command line. */
class PCATest extends MlFixture {
  private static final int CASES = 12;

  /** The largest error of moments whose products are summed in float32, relative to the largest. */
  private static final double MOMENTS_ERROR = 5e-7;

  @TempDir Path folder;

  /** Spark's components have any sign. Those with close eigenvalues are turned by rounding. */
  @Test
  void replacesSparksOwn() {
    Random random = Seed.random("pca");
    for (int i = 0; i < CASES; i++) {
      int channels = 2 + random.nextInt(12);
      int k = 1 + random.nextInt(channels);
      float[][] pixels = pixels(random, channels + 2 + random.nextInt(300), channels);
      Dataset<Row> data = table(pixels, Kind.VECTORS, 1 + random.nextInt(4));
      PCAModel theirs = sparksOwn(data, k);
      double[] eigenvalues = sparksOwn(data, channels).explainedVariance().toArray();
      PointwiseModel ours =
          new PCA()
              .setInputCol("features")
              .setOutputCol("ours")
              .setK(k)
              .setCentering(false)
              .fit(data);
      String description = "case %d seed %d".formatted(i, Seed.value());
      double[] explained = theirs.explainedVariance().toArray();
      assertThat(ours.explainedVariance().toArray())
          .as(description)
          .containsExactly(explained, within(1e-5));
      Row[] rows = rows(theirs.transform(ours.transform(data)).orderBy("id"));
      for (int o = 0; o < k; o++) {
        double limit = 1e-6 + MOMENTS_ERROR * eigenvalues[0] / distance(eigenvalues, o);
        if (limit > 0.1) {
          continue;
        }
        double sign = sign(ours.pc(), theirs.pc(), o);
        for (int c = 0; c < channels; c++) {
          assertThat(sign * ours.pc().apply(c, o))
              .as(description)
              .isCloseTo(theirs.pc().apply(c, o), within(limit));
        }
        for (Row row : rows) {
          double expected = row.<Vector>getAs("theirs").apply(o);
          assertThat(sign * row.<Vector>getAs("ours").apply(o))
              .as(description)
              .isCloseTo(expected, within(limit * (1 + length(row.getAs("features")))));
        }
      }
    }
  }

  /**
   * Float64 rows of full rank, with variances over six and means over four orders of magnitude more
   * than the deviations: components whose eigenvalue is apart from the others are Spark's own.
   */
  @Test
  void equalsSparksOwnInFloat64() {
    Random random = Seed.random("float64");
    int compared = 0;
    for (int channels : new int[] {2, 3, 7, 8, 9, 16, 17, 31, 40, 64}) {
      double[][] pixels = apart(random, 4 * channels + random.nextInt(1500), channels);
      int partitions = 1 + random.nextInt(4);
      Dataset<Row> vectors = table(pixels, Kind.VECTORS, partitions);
      PCAModel theirs = sparksOwn(vectors, channels);
      double[] eigenvalues = theirs.explainedVariance().toArray();
      for (Kind kind : new Kind[] {Kind.VECTORS, Kind.DOUBLES}) {
        PointwiseModel ours =
            new PCA().setK(channels).setOutputCol("y").fit(table(pixels, kind, partitions));
        String description = "%d channels, seed %d".formatted(channels, Seed.value());
        assertThat(ours.explainedVariance().toArray())
            .as(description)
            .containsExactly(eigenvalues, within(1e-6));
        for (int o = 0; o < channels; o++) {
          if (distance(eigenvalues, o) < 1e-3 * eigenvalues[o]) {
            continue;
          }
          compared++;
          double sign = sign(ours.pc(), theirs.pc(), o);
          for (int c = 0; c < channels; c++) {
            assertThat(sign * ours.pc().apply(c, o))
                .as("%s, component %d", description, o)
                .isCloseTo(theirs.pc().apply(c, o), within(1e-5));
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(300);
  }

  /** Returns pixels with variances apart, in random directions. */
  private static double[][] apart(Random random, int count, int channels) {
    double[] deviations =
        random.doubles(channels, -3, 0).map(power -> Math.pow(10, power)).toArray();
    double[] means = random.doubles(channels, -1e4, 1e4).toArray();
    double[][] directions = new double[channels][channels];
    for (int i = 0; i < channels; i++) {
      directions[i] = random.doubles(channels, -1, 1).toArray();
      for (int before = 0; before < i; before++) { // Gram-Schmidt
        double product = 0;
        for (int c = 0; c < channels; c++) {
          product += directions[i][c] * directions[before][c];
        }
        for (int c = 0; c < channels; c++) {
          directions[i][c] -= product * directions[before][c];
        }
      }
      double length = Vectors.norm(Vectors.dense(directions[i]), 2);
      for (int c = 0; c < channels; c++) {
        directions[i][c] /= length;
      }
    }
    double[][] pixels = new double[count][];
    for (int p = 0; p < count; p++) {
      double[] pixel = means.clone();
      for (int i = 0; i < channels; i++) {
        double drawn = deviations[i] * random.nextGaussian();
        for (int c = 0; c < channels; c++) {
          pixel[c] += drawn * directions[i][c];
        }
      }
      pixels[p] = pixel;
    }
    return pixels;
  }

  private static PCAModel sparksOwn(Dataset<Row> data, int k) {
    return new org.apache.spark.ml.feature.PCA()
        .setInputCol("features")
        .setOutputCol("theirs")
        .setK(k)
        .fit(data);
  }

  private static Row[] rows(Dataset<Row> data) {
    return data.collectAsList().toArray(new Row[0]);
  }

  private static double length(Vector vector) {
    return Vectors.norm(vector, 2);
  }

  /** Returns the distance of an eigenvalue to its neighbours. */
  private static double distance(double[] eigenvalues, int o) {
    double above = o == 0 ? 1 : eigenvalues[o - 1] - eigenvalues[o];
    return o + 1 == eigenvalues.length
        ? above
        : Math.min(above, eigenvalues[o] - eigenvalues[o + 1]);
  }

  private static double sign(DenseMatrix ours, DenseMatrix theirs, int o) {
    double product = 0;
    for (int c = 0; c < ours.numRows(); c++) {
      product += ours.apply(c, o) * theirs.apply(c, o);
    }
    return Math.signum(product);
  }

  @Test
  void partitionsChangeOnlyRounding() {
    Random random = Seed.random("partitions");
    float[][] pixels = pixels(random, 700, 9);
    PointwiseModel one = fitted(table(pixels, Kind.FLOATS, 1));
    for (int partitions : new int[] {2, 7, 90}) {
      PointwiseModel other = fitted(table(pixels, Kind.FLOATS, partitions));
      assertThat(other.explainedVariance().toArray())
          .containsExactly(one.explainedVariance().toArray(), within(1e-6));
      assertThat(projector(other)).containsExactly(projector(one), within(1e-5));
    }
  }

  private static PointwiseModel fitted(Dataset<Row> data) {
    return new PCA().setK(4).fit(data);
  }

  /** Returns P = W·Wᵀ. */
  private static double[] projector(PointwiseModel model) {
    return model.pc().multiply(model.pc().transpose()).toArray();
  }

  /** Subtracts the mean, and keeps the part of the variance that is asked for. */
  @Test
  void centresAndKeepsVariance() {
    float[][] pixels = pixels(Seed.random("centred"), 400, 8);
    Dataset<Row> data = table(pixels, Kind.FLOATS, 3);
    PointwiseModel model = new PCA().setKeepVariance(0.9).setOutputCol("y").fit(data);
    double sum = 0;
    for (double part : model.explainedVariance().toArray()) {
      assertThat(sum).isLessThan(0.9);
      sum += part;
    }
    assertThat(sum).isBetween(0.9, 1.0);
    Row means = model.transform(data).selectExpr("avg(y[0])", "avg(y[1])").first();
    assertThat(means.getDouble(0)).isCloseTo(0, within(1e-4));
    assertThat(means.getDouble(1)).isCloseTo(0, within(1e-4));
  }

  /** One partition gives the bytes of the command line over the same pixels. */
  @Test
  void onePartitionIsTheCommandLine() throws Exception {
    Random random = Seed.random("command line");
    for (Kind kind : new Kind[] {Kind.FLOATS, Kind.DOUBLES, Kind.VECTORS, Kind.FLOAT16_BYTES}) {
      String type =
          kind == Kind.FLOATS ? "float32" : kind == Kind.FLOAT16_BYTES ? "float16" : "float64";
      int channels = 3 + random.nextInt(40);
      float[][] pixels = pixels(random, 900 + random.nextInt(200), channels);
      Path input = folder.resolve(kind + ".npy");
      NpyFiles.write(input, pixels, type);
      String weights = folder + "/" + kind + ".safetensors";
      Cli fit =
          Cli.run(
              "fit",
              input.toString(),
              weights,
              "--axes",
              "x,c",
              "--method",
              "pca",
              "--channels",
              "3",
              "--quiet");
      assertThat(fit.code()).as(fit.err()).isZero();
      PCA pca = new PCA().setK(3).setOutputCol("y");
      if (kind == Kind.FLOAT16_BYTES) {
        pca.setBinaryType("float16");
      }
      PointwiseModel ours = pca.fit(table(pixels, kind, 1));
      PointwiseModel theirs = PointwiseModel.loadWeights(weights);
      assertThat(ours.pc()).as(kind + " seed " + Seed.value()).isEqualTo(theirs.pc());
      assertThat(ours.bias()).isEqualTo(theirs.bias());
    }
  }

  @Test
  void crossValidationChoosesComponents() {
    PCA pca = new PCA().setOutputCol("y");
    requireSelected(pca, pca.k());
  }

  @Test
  void pipelinesAreSavedAndLoaded() throws Exception {
    Dataset<Row> data = table(pixels(Seed.random("saved"), 200, 6), Kind.VECTORS, 2);
    PCA pca = new PCA().setK(2).setOutputCol("y").setCentering(false);
    PipelineModel model = new Pipeline().setStages(new PipelineStage[] {pca}).fit(data);
    String path = folder + "/pipeline";
    model.write().overwrite().save(path);
    Dataset<Row> loaded = PipelineModel.load(path).transform(data);
    assertThat(loaded.collectAsList()).isEqualTo(model.transform(data).collectAsList());
    pca.save(folder + "/pca");
    assertThat(PCA.load(folder + "/pca").getCentering()).isFalse();
    PointwiseModel stage = (PointwiseModel) model.stages()[0];
    stage.write().overwrite().save(folder + "/model");
    stage.write().overwrite().save(folder + "/model");
    PointwiseModel again = PointwiseModel.load(folder + "/model");
    assertThat(again.pc()).isEqualTo(stage.pc());
    assertThat(again.explainedVariance()).isEqualTo(stage.explainedVariance());
    assertThat(again.getOutputCol()).isEqualTo("y");
  }
}
