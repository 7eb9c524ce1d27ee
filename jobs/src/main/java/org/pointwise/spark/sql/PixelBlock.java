package org.pointwise.spark.sql;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PixelDecoder;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;

/** The pixels of one batch: a run of pixels of a box in row-major order, or some of them. */
final class PixelBlock {
  private Box box = new Box(0, 1, 0, 1, 0, 1);
  private long first;
  private int count;
  private @Nullable PixelDecoder features;
  private @Nullable LabelReader labels;
  private int[] chosen = new int[0];
  private boolean all;

  /** Starts the pixels {@code first … first + count} of a box. */
  void start(
      Box newBox,
      long newFirst,
      int newCount,
      @Nullable PixelDecoder newFeatures,
      @Nullable LabelReader newLabels) {
    box = newBox;
    first = newFirst;
    count = newCount;
    features = newFeatures;
    labels = newLabels;
    all = true;
  }

  /**
   * Leaves out pixels. To be called once, before pixels are accessed.
   *
   * @param rows which rows of the box are kept; empty for all
   * @param columns which of its columns are kept; empty for all
   * @param nodata whether pixels that are nodata are left out
   */
  void drop(boolean[] rows, boolean[] columns, boolean nodata) {
    if (rows.length == 0 && columns.length == 0 && !nodata) {
      return;
    }
    if (chosen.length < count) {
      chosen = new int[count];
    }
    int kept = 0;
    for (int p = 0; p < count; p++) {
      if (isKept(first + p, rows, columns) && !(nodata && features().isNodata(p))) {
        chosen[kept++] = p;
      }
    }
    all = kept == count;
    count = kept;
  }

  private boolean isKept(long position, boolean[] rows, boolean[] columns) {
    return (columns.length == 0 || columns[(int) (position % box.x())])
        && (rows.length == 0 || rows[(int) (position / box.x() % box.y())]);
  }

  /** Returns the number of rows. */
  int rows() {
    return count;
  }

  /** Returns the position of a row's pixel in the run. */
  private int pixel(int row) {
    return all ? row : chosen[row];
  }

  /** Returns the index of a row's pixel along an axis. */
  long index(int row, Axis axis) {
    long position = first + pixel(row);
    return switch (axis) {
      case N -> box.n0() + position / ((long) box.x() * box.y());
      case Y -> box.y0() + position / box.x() % box.y();
      default -> box.x0() + position % box.x();
    };
  }

  PixelDecoder features() {
    return Objects.requireNonNull(features);
  }

  boolean isNodata(int row) {
    return features().isNodata(pixel(row));
  }

  /** Returns the byte where the features of a row begin. */
  int featuresAt(int row) {
    return pixel(row) * features().pitch();
  }

  LabelReader labels() {
    return Objects.requireNonNull(labels);
  }

  /** Returns the position of a row's pixel in the box. */
  int position(int row) {
    return Math.toIntExact(first + pixel(row));
  }
}
