package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Fits that must release all rows at their end. */
abstract class ReLUBottleneckFixture extends MlFixture {
  @TempDir Path folder;

  @AfterEach
  void nothingIsKept() {
    assertThat(context().getPersistentRDDs()).isEmpty();
  }

  static JavaSparkContext context() {
    return new JavaSparkContext(spark.sparkContext());
  }

  static ReLUBottleneck bottleneck(int k) {
    return new ReLUBottleneck().setK(k).setOutputCol("y");
  }
}
