package org.pointwise.spark.sql;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

/**
 * A feature array as a table that can be read. The array is opened when it is scanned. Tables with
 * the same properties and columns are equal, so that Spark finds the rows that it has cached.
 */
final class FeatureTable implements SupportsRead {
  private final PointwiseSource source;
  private final StructType schema;
  private final Map<String, String> properties;

  FeatureTable(PointwiseSource source, StructType schema, Map<String, String> properties) {
    this.source = source;
    this.schema = schema;
    this.properties = Map.copyOf(properties);
  }

  @Override
  public String name() {
    return "pointwise " + properties.getOrDefault("path", "");
  }

  @Override
  @SuppressWarnings("deprecation") // Spark 3.5 and 4 have it in common
  public StructType schema() {
    return schema;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return EnumSet.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    OpenedArray opened = source.open(SourceOptions.parse(properties, options.asCaseSensitiveMap()));
    opened.requireColumns(schema);
    return new FeatureScanBuilder(opened, schema);
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof FeatureTable other
        && properties.equals(other.properties)
        && schema.equals(other.schema);
  }

  @Override
  public int hashCode() {
    return properties.hashCode();
  }
}
