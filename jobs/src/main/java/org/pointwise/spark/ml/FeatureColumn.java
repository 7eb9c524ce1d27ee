package org.pointwise.spark.ml;

import java.io.Serializable;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.tensor.ElementType;

/**
 * A column that contains features. Immutable.
 *
 * @param name the name of the column
 * @param type the type of its values
 * @param containsNull whether elements of its arrays may be null
 */
record FeatureColumn(String name, FeatureType type, boolean containsNull) implements Serializable {
  private static final String TYPES = "ARRAY<FLOAT>, ARRAY<DOUBLE>, a vector or BINARY";

  /**
   * Finds a column.
   *
   * @param binary the type of the numbers in a column of bytes
   * @throws InvalidInputException if there is no such column or it contains no features
   */
  static FeatureColumn of(StructType schema, String name, ElementType binary) {
    DataType type = Columns.find(schema, name).type();
    FeatureType found = FeatureType.of(type, binary);
    if (found == null) {
      throw new InvalidInputException(
          "Cannot read features from column %s: it has the type %s but must be %s; convert it or set another inputCol"
              .formatted(name, type.sql(), TYPES));
    }
    return new FeatureColumn(name, found, type instanceof ArrayType array && array.containsNull());
  }

  /** Returns this column with another type of its values. */
  FeatureColumn withType(FeatureType otherType) {
    return new FeatureColumn(name, otherType, containsNull);
  }

  /**
   * Returns the number of channels of a value.
   *
   * @throws InvalidInputException if an element is null or bytes are not whole numbers
   */
  int channels(Object value) {
    int channels = type.channels(value);
    if (channels < 0) {
      throw new InvalidInputException(
          "Cannot read features from column %s: a value has %d bytes, which are no whole number of %s; correct the table or set binaryType"
              .formatted(name, ((byte[]) value).length, type.elements()));
    }
    int missing = containsNull ? type.firstNull(value) : -1;
    if (missing >= 0) {
      throw new InvalidInputException(
          "Cannot read features from column %s: element %d of a value is null; a pixel without data is a null value or has NaN"
              .formatted(name, missing));
    }
    return channels;
  }

  /** Checks that two values have the same number of channels. */
  void requireSame(int first, int other) {
    if (first != other) {
      throw new InvalidInputException(
          "Cannot learn from column %s: one value has %s and another %d, but all must have the same number; correct the table"
              .formatted(name, Count.of(first, "channel"), other));
    }
  }
}
