package org.pointwise.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.PixelSelection;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;

/** Reads the labels of any box of pixels. Caches the last tiles. Confined to one thread. */
final class PixelLabels implements AutoCloseable {
  private final ArrayInfo info;
  private final FeatureSource.Reader reader;
  private final int classes;
  private final @Nullable Integer ignored;
  private final Map<Box, int[]> tiles =
      new LinkedHashMap<>(8, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Box, int[]> eldest) {
          return size() > PixelSelection.LABEL_TILES;
        }
      };

  PixelLabels(FeatureSource source, PixelSelection spec) {
    this.info = source.info();
    this.reader = source.reader();
    this.classes = spec.classes();
    this.ignored = spec.ignored();
  }

  /**
   * Returns the label of each pixel in row-major order; {@code classes} for pixels without a label.
   *
   * @throws InvalidInputException if a label is neither a class nor ignored
   */
  int[] read(Box box) throws IOException {
    int[] labels = new int[Math.toIntExact(box.pixels())];
    try {
      info.split(box, part -> copy(part, labels, box));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return labels;
  }

  @Override
  public void close() {
    reader.close();
  }

  /** Copies the labels of a part of one tile. */
  private void copy(Box part, int[] to, Box box) {
    Box tileBox = info.tileOf(part);
    int[] from;
    try {
      from = labelsOf(tileBox);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (long n = part.n0(); n < part.n1(); n++) {
      for (long y = part.y0(); y < part.y1(); y++) {
        System.arraycopy(
            from, index(tileBox, n, y, part.x0()), to, index(box, n, y, part.x0()), part.x());
      }
    }
  }

  private static int index(Box box, long n, long y, long x) {
    return (int) (((n - box.n0()) * box.y() + y - box.y0()) * box.x() + x - box.x0());
  }

  private int[] labelsOf(Box tileBox) throws IOException {
    int[] cached = tiles.get(tileBox);
    if (cached != null) {
      return cached;
    }
    Tile tile = reader.read(tileBox);
    int[] labels = new int[Math.toIntExact(tileBox.pixels())];
    decode(tile.blocks().get(0), tileBox, labels);
    tiles.put(tileBox, labels);
    return labels;
  }

  private void decode(ChannelBlock block, Box tileBox, int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      int x = i % tileBox.x();
      int y = i / tileBox.x() % tileBox.y();
      int n = i / tileBox.x() / tileBox.y();
      double label =
          ElementAccess.doubleAt(
              block.bytes(), block.byteOffset(n, y, x, 0), block.type(), block.order());
      if (ignored != null && label == ignored) {
        labels[i] = classes;
      } else if (label >= 0 && label < classes && label == Math.rint(label)) {
        labels[i] = (int) label;
      } else {
        throw new InvalidInputException(
            "Cannot use labels %s: n=%d y=%d x=%d is labelled %s but labels are whole numbers, 0 … %d; give --classes, or --ignore-label for pixels without a label"
                .formatted(
                    info.uri(),
                    tileBox.n0() + n,
                    tileBox.y0() + y,
                    tileBox.x0() + x,
                    text(label),
                    classes - 1));
      }
    }
  }

  private static String text(double label) {
    return label == Math.rint(label) ? "%.0f".formatted(label) : String.valueOf(label);
  }
}
