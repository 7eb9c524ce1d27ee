package org.pointwise.spark.sql;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A feature array as a table that can be read. The array is opened when it is scanned. */
final class FeatureTable implements SupportsRead {
  private final String uri;
  private final StructType schema;
  private final Supplier<OpenedArray> array;

  FeatureTable(String uri, StructType schema, Supplier<OpenedArray> array) {
    this.uri = uri;
    this.schema = schema;
    this.array = array;
  }

  @Override
  public String name() {
    return "pointwise " + uri;
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
    OpenedArray opened = array.get();
    opened.requireColumns(schema);
    return new FeatureScanBuilder(opened, schema);
  }
}
