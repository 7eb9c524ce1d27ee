package org.pointwise.spark.sql;

import java.util.Map;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.StructType;

/**
 * A feature array as a table of the catalogue of Spark 3.5, which reads it by this source again.
 */
final class FeatureRelation extends BaseRelation implements PrunedFilteredScan {
  private final SQLContext context;
  private final Dataset<Row> table;

  FeatureRelation(SQLContext context, Map<String, String> options) {
    this.context = context;
    this.table = context.read().format("pointwise").options(options).load();
  }

  @Override
  public SQLContext sqlContext() {
    return context;
  }

  @Override
  public StructType schema() {
    return table.schema();
  }

  /** Spark evaluates all filters again. */
  @Override
  public RDD<Row> buildScan(String[] columns, Filter[] filters) {
    Dataset<Row> rows = table;
    for (Filter filter : filters) {
      Column condition = FilterColumns.of(filter);
      rows = condition == null ? rows : rows.filter(condition);
    }
    Column[] chosen = new Column[columns.length];
    for (int i = 0; i < columns.length; i++) {
      chosen[i] = functions.col("`" + columns[i].replace("`", "``") + "`");
    }
    return rows.select(chosen).rdd();
  }
}
