package org.pointwise.spark.sql;

import org.apache.spark.sql.types.DataTypes;
import org.pointwise.tensor.Axis;

/** The indexes of pixels along an axis. */
final class IndexVector extends PixelVector {
  private final Axis axis;

  IndexVector(PixelBlock block, Axis axis) {
    super(block, DataTypes.LongType);
    this.axis = axis;
  }

  @Override
  public long getLong(int row) {
    return block().index(row, axis);
  }
}
