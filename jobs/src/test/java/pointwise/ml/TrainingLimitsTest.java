package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;

/** Trains on a Spark whose driver takes few bytes of results, and whose Kryo knows no classes. */
class TrainingLimitsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        MlFixture.builder()
            .config("spark.driver.maxResultSize", "1m")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .config("spark.kryo.registrationRequired", true)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> data(int channels, int partitions) {
    return spark
        .range(0, 80_000, 1, partitions)
        .selectExpr(
            "transform(sequence(1, %d), c -> float(sin(id * c * 0.37) / c)) AS features"
                .formatted(channels),
            "id % 700 AS label");
  }

  /** The sums of 24 partitions, 76 KiB each, are more than the driver takes. */
  @Test
  void sumsFitTheDriver() {
    ReLUBottleneck estimator = new ReLUBottleneck().setK(60).setMaxIter(2);
    PointwiseModel model = estimator.fit(data(80, 24));
    assertThat(model.outChannels()).isEqualTo(60);
  }

  @Test
  void tooManyNumbersAreRefused() {
    ReLUBottleneck estimator = new ReLUBottleneck().setK(2).setLabelCol("label");
    assertThatThrownBy(() -> estimator.fit(data(4, 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "Cannot train 4 → 2 → 700 channels: the sums have 4 MiB but a task of this Spark returns at most 1 MiB; set a smaller k, use fewer classes, or raise spark.driver.maxResultSize (at most 2047m are used)");
  }
}
