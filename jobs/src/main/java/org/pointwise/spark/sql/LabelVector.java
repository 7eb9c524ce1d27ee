package org.pointwise.spark.sql;

import org.apache.spark.sql.types.DataTypes;

/** The labels of pixels; null where there is none. */
final class LabelVector extends PixelVector {
  LabelVector(PixelBlock block) {
    super(block, DataTypes.LongType);
  }

  @Override
  public boolean isNullAt(int row) {
    return block().labels().isNull(block().position(row));
  }

  @Override
  public long getLong(int row) {
    return block().labels().label(block().position(row));
  }
}
