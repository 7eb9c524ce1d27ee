package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pointwise.errors.InvalidInputException;

/** Fits on a Spark whose driver takes few bytes of results. */
class ResultSizeTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = MlFixture.builder().config("spark.driver.maxResultSize", "1m").getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> data(int rows, int channels, int partitions) {
    return spark
        .range(0, rows, 1, partitions)
        .selectExpr(
            "transform(sequence(1, %d), c -> float(sin(id * c * 0.37) / c)) AS features"
                .formatted(channels));
  }

  /** The moments of all partitions, and of √n of them, are more than the driver takes. */
  @Test
  void executorsAddMoments() {
    PointwiseModel one = new PCA().setK(3).fit(data(400, 400, 1));
    for (int partitions : new int[] {2, 3, 17, 70}) {
      PointwiseModel other = new PCA().setK(3).fit(data(400, 400, partitions));
      assertThat(other.explainedVariance().toArray())
          .containsExactly(one.explainedVariance().toArray(), within(1e-6));
      assertThat(other.fitSummary()).containsEntry("pixels", "400");
      PointwiseModel again = new PCA().setK(3).fit(data(400, 400, partitions));
      assertThat(again.pc()).isEqualTo(other.pc());
    }
  }

  @Test
  void tooManyChannelsAreRefused() {
    assertThatThrownBy(() -> new PCA().setK(3).fit(data(4, 700, 2)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("have 2 MiB but a task of this Spark returns at most 1 MiB")
        .hasMessageContaining("spark.driver.maxResultSize");
    for (int channels : new int[] {16_385, 65_536}) {
      assertThatThrownBy(() -> new PCA().setK(3).fit(data(2, channels, 1)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("%d channels but 1 … 16384 are possible".formatted(channels));
    }
  }
}
