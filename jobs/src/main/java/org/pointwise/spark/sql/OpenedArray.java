package org.pointwise.spark.sql;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Coordinate;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.spark.ArrayWire;
import org.pointwise.spark.SparkStores;
import org.pointwise.spark.sql.SourceOptions.RowKind;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/**
 * An array as a table, opened on the driver.
 *
 * @param labels the description of the labels; null for none
 * @param coordinates the columns of coordinates
 */
record OpenedArray(
    SourceOptions options,
    ArrayInfo info,
    @Nullable ArrayInfo labels,
    List<CoordinateColumn> coordinates) {
  static final String FEATURES = "features";
  static final String TENSOR = "tensor";
  static final String LABEL = "label";

  /** Opens an array. Reads its metadata and coordinates, but no pixels. */
  static OpenedArray open(SourceOptions options) {
    ByteStores stores = SparkStores.open();
    try {
      FeatureSource source = options.input().open(stores);
      ArrayInfo info = source.info();
      ArrayInfo labels =
          options.labels() == null
              ? null
              : Formats.openLabels(stores, options.labels(), options.labelAxes(), info).info();
      return new OpenedArray(
          options,
          info,
          labels,
          options.rows() == RowKind.PIXELS ? coordinates(source) : List.of());
    } catch (IOException e) {
      throw Formats.unreadable(options.input().uri(), e);
    } catch (InvalidInputException e) {
      throw SourceOptions.inTermsOfOptions(e);
    } finally {
      stores.release();
    }
  }

  private static List<CoordinateColumn> coordinates(FeatureSource source) throws IOException {
    ArrayInfo info = source.info();
    Axes axes = info.axes().withoutChannels();
    List<String> dimensions =
        axes.order().stream()
            .map(axis -> info.dimensionNames().get(info.axes().indexOf(axis)))
            .toList();
    List<CoordinateColumn> columns = new ArrayList<>();
    for (Coordinate coordinate : source.companions(dimensions).coordinates()) {
      if (coordinate.dimensions().size() == 1
          && dimensions.contains(coordinate.dimensions().get(0))) {
        Axis axis = axes.order().get(dimensions.indexOf(coordinate.dimensions().get(0)));
        columns.add(CoordinateColumn.of(coordinate, axis));
      }
    }
    return columns;
  }

  /** Returns all columns. */
  StructType schema() {
    StructType schema =
        new StructType()
            .add("n", DataTypes.LongType, false)
            .add("y", DataTypes.LongType, false)
            .add("x", DataTypes.LongType, false);
    if (options.rows() == RowKind.TILES) {
      return schema
          .add("height", DataTypes.IntegerType, false)
          .add("width", DataTypes.IntegerType, false)
          .add("channels", DataTypes.IntegerType, false)
          .add(TENSOR, DataTypes.BinaryType, nullable());
    }
    for (CoordinateColumn coordinate : coordinates) {
      schema = schema.add(coordinate.name(), coordinate.type(), coordinate.times());
    }
    if (labels != null) {
      schema = schema.add(LABEL, DataTypes.LongType, options.ignoredLabel() != null);
    }
    return schema.add(FEATURES, DataTypes.createArrayType(DataTypes.FloatType, false), nullable());
  }

  private boolean nullable() {
    return options.nodata() == SourceOptions.NodataRows.KEEP && hasNodata();
  }

  /** Returns whether pixels can be nodata. */
  boolean hasNodata() {
    return info.quantisation().nodata() != null
        || info.mask() != null
        || Formats.hasNulls(info)
        || info.missing() == MissingChunks.NODATA;
  }

  /** Returns the serialised description of the labels; empty if there are none. */
  byte[] encodedLabels() {
    return labels == null ? new byte[0] : ArrayWire.encode(labels);
  }

  /**
   * Checks a schema that the user or a catalogue names.
   *
   * @throws InvalidInputException if it has a column that the array does not have in this type
   */
  void requireColumns(StructType named) {
    StructType own = schema();
    for (StructField field : named.fields()) {
      List<String> names = List.of(own.fieldNames());
      String type =
          names.contains(field.name()) ? own.apply(field.name()).dataType().catalogString() : "";
      if (!type.equals(field.dataType().catalogString())) {
        throw new InvalidInputException(
            "Cannot read %s as a table with the column %s %s: its columns are %s; leave out the schema"
                .formatted(
                    info.uri(), field.name(), field.dataType().catalogString(), own.toDDL()));
      }
      if (own.apply(field.name()).nullable() && !field.nullable()) {
        throw new InvalidInputException(
            "Cannot read %s as a table with the column %s NOT NULL: it has nulls; leave out the schema, or create the table again"
                .formatted(info.uri(), field.name()));
      }
    }
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof OpenedArray other
        && options.equals(other.options)
        && coordinates.equals(other.coordinates)
        && Arrays.equals(ArrayWire.encode(info), ArrayWire.encode(other.info))
        && Arrays.equals(encodedLabels(), other.encodedLabels());
  }

  @Override
  public int hashCode() {
    return options.hashCode();
  }
}
