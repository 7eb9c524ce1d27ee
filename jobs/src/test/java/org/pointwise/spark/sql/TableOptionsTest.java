package org.pointwise.spark.sql;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.IsNull;
import org.apache.spark.sql.sources.Not;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/** Tests tables of a catalogue and views, and when two tables are the same. */
class TableOptionsTest extends TableFixture {
  private String path;

  @BeforeEach
  void write() throws Exception {
    Extent chunk = new Extent(1, 4, 4);
    path =
        Arrays4.random(Seed.random("table options"), new FeatureShape(4, 8, 8, 3))
            .zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(2, 8, 8));
  }

  @Test
  void optionsOfReadingReplaceThoseOfTheTable() {
    spark.sql(
        "CREATE TABLE chosen USING pointwise OPTIONS (path '%s', images '0:3')".formatted(path));
    try {
      assertThat(spark.table("chosen").count()).isEqualTo(3 * 64);
      assertThat(spark.read().option("IMAGES", "1:2").table("chosen").count()).isEqualTo(64);
      assertThat(spark.read().option("bbox", "0:2,0:3").table("chosen").count())
          .isEqualTo(3 * 2 * 3);
      assertThatThrownBy(() -> spark.read().option("bandwidth", "1").table("chosen").count())
          .hasMessageContaining("Cannot use option bandwidth of format pointwise");
    } finally {
      spark.sql("DROP TABLE chosen");
    }
  }

  private Dataset<Row> sums() {
    return spark
        .read()
        .format("pointwise")
        .load(path)
        .where("y < 6")
        .groupBy("n")
        .agg(expr("sum(features[1]) AS total"));
  }

  @Test
  void sameTableIsReadOnce() {
    spark.conf().set("spark.sql.adaptive.enabled", "false");
    try {
      Dataset<Row> twice = sums().union(sums());
      assertThat(twice.queryExecution().executedPlan().toString()).contains("ReusedExchange");
      assertThat(twice.count()).isEqualTo(8);
      Dataset<Row> cached = spark.read().format("pointwise").load(path).cache();
      Dataset<Row> again = spark.read().format("pointwise").load(path);
      assertThat(again.queryExecution().withCachedData().toString()).contains("InMemoryRelation");
      Dataset<Row> other = spark.read().format("pointwise").option("images", "1").load(path);
      assertThat(other.queryExecution().withCachedData().toString())
          .doesNotContain("InMemoryRelation");
      assertThat(other.count()).isEqualTo(64);
      cached.unpersist();
    } finally {
      spark.conf().unset("spark.sql.adaptive.enabled");
    }
  }

  @Test
  void viewsTranslateNegations() {
    Filter one = new EqualTo("n", 1L);
    Dataset<Row> table = spark.read().format("pointwise").load(path);
    for (Filter filter :
        new Filter[] {
          new Not(one), new Not(new In("n", new Object[] {1L})), new IsNotNull("n"), new IsNull("n")
        }) {
      assertThat(FilterColumns.of(filter)).as(filter.toString()).isNotNull();
    }
    assertThat(table.filter(FilterColumns.of(new Not(one))).count()).isEqualTo(3 * 64);
    spark.sql("CREATE TEMPORARY VIEW seen USING pointwise OPTIONS (path '%s')".formatted(path));
    try {
      Dataset<Row> rows = spark.sql("SELECT n FROM seen WHERE NOT (n BETWEEN 1 AND 2)");
      assertThat(rows.count()).isEqualTo(2 * 64);
    } finally {
      spark.catalog().dropTempView("seen");
    }
  }

  @Test
  void refusalsNameOptions() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("table options"), new FeatureShape(4, 8, 8, 3));
    String file = array.npyFile(folder.toString(), "a.npy", "n,y,x,c");
    assertThatThrownBy(() -> spark.read().format("pointwise").load(file))
        .hasMessageContaining("option axes")
        .hasMessageNotContaining("--");
    assertThatThrownBy(
            () -> spark.read().format("pointwise").option("inputChannels", "9").load(path))
        .hasMessageContaining("option inputChannels")
        .hasMessageNotContaining("--");
  }
}
