package org.pointwise.spark.sql;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import scala.collection.JavaConverters;

/**
 * The data source {@code pointwise}: {@code spark.read().format("pointwise").load(path)}.
 *
 * <p>Spark makes an instance for each table. Spark 3.5 reads tables of its catalogue by {@link
 * RelationProvider}. Spark writes by {@link CreatableRelationProvider}.
 */
public final class PointwiseSource
    implements TableProvider, DataSourceRegister, RelationProvider, CreatableRelationProvider {
  private @Nullable OpenedArray opened;

  @Override
  public String shortName() {
    return "pointwise";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return open(SourceOptions.parse(options.asCaseSensitiveMap(), Map.of())).schema();
  }

  /** Opens an array, or returns it if the options are those of the last time. */
  OpenedArray open(SourceOptions options) {
    OpenedArray last = opened;
    OpenedArray array =
        last != null && last.options().equals(options) ? last : OpenedArray.open(options);
    opened = array;
    return array;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new FeatureTable(this, schema, properties);
  }

  /** Returns true: a catalogue stores the schema, and Spark passes one before it writes. */
  @Override
  public boolean supportsExternalMetadata() {
    return true;
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context, scala.collection.immutable.Map<String, String> parameters) {
    return new FeatureRelation(context, asJava(parameters));
  }

  @SuppressWarnings("deprecation") // the only conversion that Scala 2.12 and 2.13 have in common
  private static Map<String, String> asJava(
      scala.collection.immutable.Map<String, String> parameters) {
    return JavaConverters.mapAsJavaMap(parameters);
  }

  @Override
  public BaseRelation createRelation(
      SQLContext context,
      SaveMode mode,
      scala.collection.immutable.Map<String, String> parameters,
      Dataset<Row> data) {
    throw new InvalidInputException(
        "Cannot write with format pointwise: it only reads; write another format, or arrays with pointwise reduce");
  }
}
