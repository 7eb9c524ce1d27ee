package pointwise.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.pointwise.testing.Seed;

/** Finds columns as Spark does, and describes the new column as Spark's own stages do. */
class SchemaTest extends MlFixture {
  private static Dataset<Row> data(Kind kind) {
    return table(pixels(Seed.random("schema"), 60, 5), kind, 2);
  }

  @Test
  void vectorsStateTheirSize() {
    Dataset<Row> data = data(Kind.VECTORS);
    PCA pca = new PCA().setK(3).setOutputCol("y");
    PointwiseModel model = pca.fit(data);
    StructType promised = pca.transformSchema(data.schema());
    StructType found = model.transform(data).schema();
    assertThat(found).isEqualTo(model.transformSchema(data.schema())).isEqualTo(promised);
    assertThat(AttributeGroup.fromStructField(found.apply("y")).size()).isEqualTo(3);
    PCA kept = new PCA().setKeepVariance(0.5).setOutputCol("y");
    StructType unknown = kept.transformSchema(data.schema());
    assertThat(AttributeGroup.fromStructField(unknown.apply("y")).size()).isEqualTo(-1);
    StructType arrays = model.transform(data(Kind.FLOATS)).schema();
    assertThat(arrays.apply("y").metadata().json()).isEqualTo("{}");
  }

  @Test
  void columnsAreFoundInAnyCaseAndWithinStructs() {
    Dataset<Row> data = data(Kind.FLOATS).selectExpr("id", "features", "id % 2 AS label");
    List<Row> expected = reduced(new PCA().setK(2).setInputCol("features"), data);
    List<Row> classes = reduced(new LDA().setInputCol("features"), data);
    assertThat(reduced(new PCA().setK(2).setInputCol("Features"), data)).isEqualTo(expected);
    assertThat(reduced(new LDA().setInputCol("FEATURES").setLabelCol("Label"), data))
        .isEqualTo(classes);
    Dataset<Row> nested = data.selectExpr("id", "struct(struct(features) AS b, label) AS a");
    assertThat(reduced(new PCA().setK(2).setInputCol("a.b.Features"), nested)).isEqualTo(expected);
    assertThat(reduced(new LDA().setInputCol("a.b.features").setLabelCol("a.label"), nested))
        .isEqualTo(classes);
    Dataset<Row> dotted = data.withColumnRenamed("features", "a.b`c");
    assertThat(reduced(new PCA().setK(2).setInputCol("a.b`c"), dotted)).isEqualTo(expected);
    assertThatThrownBy(() -> new PCA().setK(2).setInputCol("a.b.c").fit(nested))
        .hasMessage("Cannot find column a.b.c: the table has id, a");
  }

  private static List<Row> reduced(LayerEstimator<?> estimator, Dataset<Row> data) {
    PointwiseModel model = estimator.setOutputCol("y").fit(data);
    return model.transform(data).orderBy("id").select("y").collectAsList();
  }

  @Test
  void caseMattersWhereSparkSaysSo() {
    Dataset<Row> data = data(Kind.FLOATS);
    spark.conf().set("spark.sql.caseSensitive", true);
    try {
      assertThatThrownBy(() -> new PCA().setK(2).setInputCol("Features").fit(data))
          .hasMessageContaining("Cannot find column Features");
      PointwiseModel model = new PCA().setK(2).setOutputCol("ID").fit(data);
      assertThat(model.transform(data).select("ID").count()).isEqualTo(60);
    } finally {
      spark.conf().unset("spark.sql.caseSensitive");
    }
  }
}
