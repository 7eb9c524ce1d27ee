package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.Seed;

/** A session and tables of features. */
abstract class MlFixture {
  static SparkSession spark;

  /** The types of columns with features. */
  enum Kind {
    FLOATS,
    DOUBLES,
    VECTORS,
    SPARSE,
    FLOAT32_BYTES,
    FLOAT16_BYTES;

    DataType type() {
      return switch (this) {
        case FLOATS -> DataTypes.createArrayType(DataTypes.FloatType);
        case DOUBLES -> DataTypes.createArrayType(DataTypes.DoubleType);
        case VECTORS, SPARSE -> SQLDataTypes.VectorType();
        case FLOAT32_BYTES, FLOAT16_BYTES -> DataTypes.BinaryType;
      };
    }

    /** Returns the value of a row with these features. */
    Object value(float[] features) {
      double[] wide = new double[features.length];
      for (int c = 0; c < features.length; c++) {
        wide[c] = features[c];
      }
      return value(wide);
    }

    /** Returns the value of a row with these features, rounded to the type. */
    Object value(double[] wide) {
      float[] features = new float[wide.length];
      List<Object> floats = new ArrayList<>();
      List<Object> doubles = new ArrayList<>();
      for (int c = 0; c < features.length; c++) {
        features[c] = (float) wide[c];
        floats.add(features[c]);
        doubles.add(wide[c]);
      }
      return switch (this) {
        case FLOATS -> floats;
        case DOUBLES -> doubles;
        case VECTORS -> Vectors.dense(wide);
        case SPARSE -> Vectors.dense(wide).toSparse();
        case FLOAT32_BYTES -> {
          ByteBuffer bytes = ByteBuffer.allocate(4 * wide.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(features);
          yield bytes.array();
        }
        case FLOAT16_BYTES -> {
          byte[] bytes = new byte[2 * wide.length];
          for (int c = 0; c < wide.length; c++) {
            ElementAccess.putFloat(bytes, 2 * c, ElementType.FLOAT16, features[c]);
          }
          yield bytes;
        }
      };
    }
  }

  @BeforeAll
  static void start() {
    spark = builder().config("spark.sql.shuffle.partitions", "2").getOrCreate();
  }

  /** Returns a builder of sessions with two threads. */
  static SparkSession.Builder builder() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("ml")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Returns pixels of full rank with means that are not 0. */
  static float[][] pixels(Random random, int count, int channels) {
    double[][] mix = new double[channels][channels];
    for (int i = 0; i < channels; i++) {
      for (int c = 0; c < channels; c++) {
        mix[i][c] = random.nextGaussian() / channels + (i == c ? 2 : 0); // far from singular
      }
    }
    float[][] pixels = new float[count][channels];
    for (float[] pixel : pixels) {
      double[] drawn = new double[channels];
      for (int c = 0; c < channels; c++) {
        drawn[c] = random.nextGaussian() / (1 + c);
      }
      for (int c = 0; c < channels; c++) {
        double sum = 3 + c;
        for (int d = 0; d < channels; d++) {
          sum += mix[c][d] * drawn[d];
        }
        pixel[c] = (float) sum;
      }
    }
    return pixels;
  }

  /** Returns a table with {@code id} and {@code features}; a null pixel is a null value. */
  static Dataset<Row> table(float[][] pixels, Kind kind, int partitions) {
    List<Object> values = new ArrayList<>();
    for (float[] pixel : pixels) {
      values.add(pixel == null ? null : kind.value(pixel));
    }
    return table(values, kind, partitions);
  }

  /** Returns the same of float64 features. */
  static Dataset<Row> table(double[][] pixels, Kind kind, int partitions) {
    List<Object> values = new ArrayList<>();
    for (double[] pixel : pixels) {
      values.add(kind.value(pixel));
    }
    return table(values, kind, partitions);
  }

  private static Dataset<Row> table(List<Object> values, Kind kind, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      rows.add(RowFactory.create(i, values.get(i)));
    }
    StructType schema =
        new StructType().add("id", DataTypes.IntegerType).add("features", kind.type());
    return spark.createDataFrame(rows, schema).repartitionByRange(partitions, idColumn());
  }

  private static Column idColumn() {
    return functions.col("id");
  }

  /**
   * Requires that cross-validation prefers two outputs to one. The first component does not
   * separate the classes, and the second does.
   *
   * @param estimator makes the column y
   * @param k its number of outputs
   */
  static void requireSelected(PipelineStage estimator, IntParam k) {
    Random random = Seed.random("cross");
    float[][] pixels = new float[240][6];
    for (int i = 0; i < pixels.length; i++) {
      for (int c = 0; c < 6; c++) {
        pixels[i][c] = (float) random.nextGaussian() * (c == 0 ? 50 : 1);
      }
      pixels[i][1] += i % 2 == 0 ? 8 : -8;
    }
    Dataset<Row> data =
        table(pixels, Kind.VECTORS, 2)
            .withColumn("label", functions.col("id").mod(2).cast("double"));
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {estimator, new LogisticRegression().setFeaturesCol("y")});
    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEvaluator(new BinaryClassificationEvaluator())
            .setEstimatorParamMaps(new ParamGridBuilder().addGrid(k, new int[] {1, 2}).build())
            .setNumFolds(2)
            .fit(data);
    PipelineModel best = (PipelineModel) model.bestModel();
    assertThat(((PointwiseModel) best.stages()[0]).outChannels()).isEqualTo(2);
  }
}
