package org.pointwise.spark.ml;

import java.util.Arrays;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementType;

/** Checks the columns of DataFrames before a job starts. */
public final class Columns {
  private Columns() {}

  /** Returns the column of a name, which may contain dots. */
  static Column quoted(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  static StructField field(StructType schema, String name) {
    for (StructField field : schema.fields()) {
      if (field.name().equals(name)) {
        return field;
      }
    }
    throw new InvalidInputException(
        "Cannot find column %s: the table has %s"
            .formatted(name, String.join(", ", Arrays.asList(schema.fieldNames()))));
  }

  /**
   * Returns the schema with the column of results.
   *
   * @param input the column with features
   * @param label the column with labels; null for none
   * @param output the new column: a vector where the input is one, else {@code ARRAY<FLOAT>}
   * @throws InvalidInputException if a column is missing, has another type, or exists already
   */
  public static StructType withOutput(
      StructType schema, String input, @Nullable String label, String output) {
    FeatureType type = FeatureColumn.of(schema, input, ElementType.FLOAT32).type();
    if (label != null) {
      requireLabels(schema, label);
    }
    for (String name : schema.fieldNames()) {
      if (name.equalsIgnoreCase(output)) {
        throw new InvalidInputException(
            "Cannot add column %s: the table already has it; set another outputCol or drop it"
                .formatted(output));
      }
    }
    return schema.add(output, outputType(type), true);
  }

  static DataType outputType(FeatureType type) {
    return type == FeatureType.VECTORS
        ? SQLDataTypes.VectorType()
        : DataTypes.createArrayType(DataTypes.FloatType, false);
  }

  private static void requireLabels(StructType schema, String name) {
    DataType type = field(schema, name).dataType();
    if (!(type instanceof NumericType)) {
      throw new InvalidInputException(
          "Cannot read labels from column %s: it has the type %s but must be a number; index the classes with StringIndexer or set another labelCol"
              .formatted(name, type.sql()));
    }
  }
}
