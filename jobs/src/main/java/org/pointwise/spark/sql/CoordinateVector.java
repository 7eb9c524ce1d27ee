package org.pointwise.spark.sql;

import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;

/** The values of a coordinate at the pixels. */
final class CoordinateVector extends PixelVector {
  private final CoordinateColumn values;

  CoordinateVector(PixelBlock block, CoordinateColumn values) {
    super(block, values.type());
    this.values = values;
  }

  private int index(int row) {
    return Math.toIntExact(block().index(row, values.axis()));
  }

  @Override
  public boolean isNullAt(int row) {
    return values.isNull(index(row));
  }

  @Override
  public long getLong(int row) {
    return values.numbers()[index(row)];
  }

  @Override
  public float getFloat(int row) {
    return (float) values.number(index(row));
  }

  @Override
  public double getDouble(int row) {
    return values.number(index(row));
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return values.decimal(index(row));
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return values.text(index(row));
  }
}
