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
 * A column of classes: whole numbers from 0. Null and NaN are rows without a label, which are not
 * used.
 *
 * @param name the name of the column
 * @param type its type, a number
 * @param classes the largest label plus one
 */
record Labels(String name, DataType type, int classes) implements Serializable {
  private static final int MAX_CLASSES = 1 << 16;

  /** What {@link #read} returns for a row without a label. */
  static final int NONE = -1;

  /** Finds the classes of a column, in one pass over it. */
  static Labels of(Dataset<?> data, String name) {
    Columns.Place place = Columns.find(data.schema(), name);
    Row found =
        data.select(place.column().cast(DataTypes.DoubleType).as("label"))
            .filter("NOT isnan(label)")
            .agg(functions.min("label"), functions.max("label"))
            .first();
    if (found.isNullAt(0)) {
      throw new InvalidInputException(
          "Cannot use the labels of column %s: no row has one; set another labelCol or correct the table"
              .formatted(name));
    }
    double min = found.getDouble(0);
    double max = found.getDouble(1);
    if (min < 0 || max >= MAX_CLASSES) {
      throw unusable(name, min < 0 ? min : max);
    }
    return new Labels(name, place.type(), (int) max + 1);
  }

  /** Returns the class of a row, or {@link #NONE}. */
  int read(InternalRow row, int ordinal) {
    if (row.isNullAt(ordinal)) {
      return NONE;
    }
    Object value = row.get(ordinal, type);
    double label = value instanceof Number number ? number.doubleValue() : decimal(value);
    if (Double.isNaN(label)) {
      return NONE;
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
