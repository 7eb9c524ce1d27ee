package org.pointwise.spark.ml;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.pointwise.errors.InvalidInputException;

/**
 * A column of classes: whole numbers from 0. Null and NaN are rows without a label.
 *
 * @param name the name of the column
 * @param type its type, a number
 * @param classes the largest label plus one
 */
record Labels(String name, DataType type, int classes) implements Serializable {
  private static final int MAX_CLASSES = 1 << 16;

  /** Finds the classes of a column, in one pass over it. */
  static Labels of(Dataset<?> data, String name) {
    Row found =
        data.select(
                Columns.find(data.schema(), name).column().cast(DataTypes.DoubleType).as("label"))
            .filter("NOT isnan(label)")
            .agg(functions.max("label"))
            .first();
    double max = found.isNullAt(0) ? -1 : found.getDouble(0);
    if (max >= MAX_CLASSES) {
      throw unusable(name, max);
    }
    return new Labels(name, Columns.find(data.schema(), name).type(), (int) max + 1);
  }

  /** Returns the class of a row; {@link #classes} if it has no label. */
  int read(InternalRow row, int ordinal) {
    if (row.isNullAt(ordinal)) {
      return classes;
    }
    Object value = row.get(ordinal, type);
    double label = value instanceof Number number ? number.doubleValue() : decimal(value);
    if (Double.isNaN(label)) {
      return classes;
    }
    if (!(label >= 0 && label < classes && label == Math.rint(label))) {
      throw unusable(name, label);
    }
    return (int) label;
  }

  private static double decimal(Object value) {
    return Double.parseDouble(value.toString());
  }

  private static InvalidInputException unusable(String name, double label) {
    return new InvalidInputException(
        "Cannot use the labels of column %s: one is %s but labels are whole numbers, 0 … %d; index the classes with StringIndexer"
            .formatted(name, label, MAX_CLASSES - 1));
  }
}
