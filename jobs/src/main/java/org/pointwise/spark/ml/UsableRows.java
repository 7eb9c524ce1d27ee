package org.pointwise.spark.ml;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a partition that have features and, if labels are read, a label. Their numbers may be
 * NaN. Confined to one thread.
 */
final class UsableRows {
  private final FeatureColumn column;
  private final @Nullable Labels labels;
  private final Iterator<InternalRow> rows;
  private @Nullable Object value;
  private int label;
  private int channels;
  private long nulls;
  private long index = -1;

  /**
   * @param channels the number of channels; 0 if it is that of the first row
   */
  UsableRows(
      FeatureColumn column, @Nullable Labels labels, int channels, Iterator<InternalRow> rows) {
    this.column = column;
    this.labels = labels;
    this.channels = channels;
    this.rows = rows;
  }

  /** Goes to the next row; returns false after the last one. */
  boolean next() {
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      index++;
      label = labels == null ? 0 : labels.read(row, 1);
      if (label == Labels.NONE) {
        continue;
      }
      if (row.isNullAt(0)) {
        nulls++;
        continue;
      }
      Object found = column.type().get(row, 0);
      int length = column.channels(found);
      channels = channels == 0 ? length : channels;
      column.requireSame(channels, length);
      value = found;
      return true;
    }
    return false;
  }

  /** Returns the features; valid until the next row. */
  Object value() {
    if (value == null) {
      throw new IllegalStateException("Before the first row");
    }
    return value;
  }

  /** Returns the class; 0 if no labels are read. */
  int label() {
    return label;
  }

  /** Returns the number of rows of the partition before this one, usable or not. */
  long index() {
    return index;
  }

  int channels() {
    return channels;
  }

  /** Returns the number of rows so far whose features are null. */
  long nulls() {
    return nulls;
  }
}
