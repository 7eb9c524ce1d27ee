package org.pointwise.spark.ml;

import java.util.Objects;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementType;

/** Checks the columns of DataFrames before a job starts. */
public final class Columns {
  private Columns() {}

  /**
   * A column, or a field of a struct.
   *
   * @param quoted its name in expressions
   */
  record Place(String quoted, DataType type) {
    Column column() {
      return functions.col(quoted);
    }
  }

  /**
   * Finds a column by its name, which may contain dots, else the field of a struct that dots
   * describe. Spark's settings say whether case matters.
   */
  static Place find(StructType schema, String name) {
    StructField field = child(schema, name);
    StringBuilder quoted = new StringBuilder();
    if (field == null) {
      DataType parent = schema;
      for (String part : name.split("\\.", -1)) {
        field = parent instanceof StructType fields ? child(fields, part) : null;
        if (field == null) {
          throw new InvalidInputException(
              "Cannot find column %s: the table has %s"
                  .formatted(name, String.join(", ", schema.fieldNames())));
        }
        parent = field.dataType();
        quoted.append(quoted.isEmpty() ? "" : ".").append(quoted(field.name()));
      }
    } else {
      quoted.append(quoted(field.name()));
    }
    return new Place(quoted.toString(), Objects.requireNonNull(field).dataType());
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  private static @Nullable StructField child(StructType fields, String name) {
    StructField found = null;
    for (StructField field : fields.fields()) {
      if (field.name().equals(name)) {
        return field;
      }
      found = found == null && same(field.name(), name) ? field : found;
    }
    return found;
  }

  private static boolean same(String name, String other) {
    return SQLConf.get().caseSensitiveAnalysis()
        ? name.equals(other)
        : name.equalsIgnoreCase(other);
  }

  /**
   * Returns the schema with the column of results.
   *
   * @param input the column with features
   * @param label the column with labels; null for none
   * @param output the new column: a vector where the input is one, else {@code ARRAY<FLOAT>}
   * @param size the number of outputs, which the metadata of vectors states; 0 if it is not known
   * @throws InvalidInputException if a column is missing, has another type, or exists already
   */
  public static StructType withOutput(
      StructType schema, String input, @Nullable String label, String output, int size) {
    FeatureType type = FeatureColumn.of(schema, input, ElementType.FLOAT32).type();
    if (label != null) {
      requireLabels(schema, label);
    }
    for (String name : schema.fieldNames()) {
      if (same(name, output)) {
        throw new InvalidInputException(
            "Cannot add column %s: the table already has it; set another outputCol or drop it"
                .formatted(output));
      }
    }
    return schema.add(output, outputType(type), true, outputMetadata(type, output, size));
  }

  static DataType outputType(FeatureType type) {
    return type == FeatureType.VECTORS
        ? SQLDataTypes.VectorType()
        : DataTypes.createArrayType(DataTypes.FloatType, false);
  }

  static Metadata outputMetadata(FeatureType type, String output, int size) {
    return type == FeatureType.VECTORS && size > 0
        ? new AttributeGroup(output, size).toMetadata()
        : Metadata.empty();
  }

  private static void requireLabels(StructType schema, String name) {
    DataType type = find(schema, name).type();
    if (!(type instanceof NumericType)) {
      throw new InvalidInputException(
          "Cannot read labels from column %s: it has the type %s but must be a number; index the classes with StringIndexer or set another labelCol"
              .formatted(name, type.sql()));
    }
  }
}
