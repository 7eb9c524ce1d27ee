package pointwise.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.pointwise.conv.PointwiseLayer;

/** A layer as a table: a row for each output, as {@link PointwiseModel#setDescribe} states. */
final class LayerTable {
  static final StructType SCHEMA =
      new StructType()
          .add("output", DataTypes.IntegerType, false)
          .add("weights", DataTypes.createArrayType(DataTypes.FloatType, false), false)
          .add("bias", DataTypes.FloatType, false)
          .add("explainedVariance", DataTypes.DoubleType)
          .add(
              "summary",
              DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false));

  private LayerTable() {}

  static Dataset<Row> of(SparkSession spark, SavedLayer saved) {
    PointwiseLayer layer = saved.layer();
    double[] explained = saved.explainedVariance();
    List<Row> rows = new ArrayList<>();
    for (int o = 0; o < layer.outChannels(); o++) {
      Float[] weights = new Float[layer.inChannels()];
      for (int c = 0; c < weights.length; c++) {
        weights[c] = layer.weight(o, c);
      }
      rows.add(
          RowFactory.create(
              o,
              weights,
              layer.bias(o),
              explained == null || o >= explained.length ? null : explained[o],
              o == 0 ? saved.metadata() : null));
    }
    return spark.createDataFrame(rows, SCHEMA);
  }
}
