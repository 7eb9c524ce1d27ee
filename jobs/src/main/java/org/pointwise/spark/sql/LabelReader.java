package org.pointwise.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;

/** Reads the labels of boxes of pixels. Confined to one thread. */
final class LabelReader implements AutoCloseable {
  private final ArrayInfo info;
  private final FeatureSource.Reader reader;
  private final @Nullable Long ignored;
  private long[] labels = new long[0];

  /**
   * @param ignored the label that becomes null; null for none
   */
  LabelReader(FeatureSource source, @Nullable Long ignored) {
    this.info = source.info();
    this.reader = source.reader();
    this.ignored = ignored;
  }

  /**
   * Reads the labels of a box.
   *
   * @throws InvalidInputException if a label is not a whole number
   */
  void read(Box box) throws IOException {
    labels = new long[Math.toIntExact(box.pixels())];
    try {
      info.split(box, part -> copy(part, box));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void copy(Box part, Box box) {
    Tile tile;
    try {
      tile = reader.read(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ChannelBlock block = tile.blocks().get(0);
    for (int n = 0; n < part.n(); n++) {
      for (int y = 0; y < part.y(); y++) {
        int to =
            Math.toIntExact(
                ((part.n0() - box.n0() + n) * box.y() + part.y0() - box.y0() + y) * box.x()
                    + part.x0()
                    - box.x0());
        for (int x = 0; x < part.x(); x++) {
          labels[to + x] = label(block, block.byteOffset(n, y, x, 0));
        }
      }
    }
  }

  private long label(ChannelBlock block, int at) {
    if (!block.type().floating()) {
      return ElementAccess.bitsAt(block.bytes(), at, block.type(), block.order());
    }
    double label = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
    if (label != Math.rint(label) || Math.abs(label) > 1L << 53) {
      throw new InvalidInputException(
          "Cannot use labels %s: %s is not a whole number; give an array of whole numbers"
              .formatted(info.uri(), label));
    }
    return (long) label;
  }

  /** Returns the label of a pixel of the box, by its position in row-major order. */
  long label(int position) {
    return labels[position];
  }

  boolean isNull(int position) {
    return ignored != null && labels[position] == ignored;
  }

  @Override
  public void close() {
    reader.close();
  }
}
