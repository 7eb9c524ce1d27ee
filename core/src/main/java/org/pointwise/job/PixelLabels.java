package org.pointwise.job;

import java.io.IOException;
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
import org.pointwise.tensor.Extent;
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
    Extent step = info.tile();
    for (long n = box.n0() / step.n() * step.n(); n < box.n1(); n += step.n()) {
      for (long y = box.y0() / step.y() * step.y(); y < box.y1(); y += step.y()) {
        for (long x = box.x0() / step.x() * step.x(); x < box.x1(); x += step.x()) {
          Box tileBox = clipped(n, y, x, step);
          copy(tileBox(tileBox), tileBox, labels, box);
        }
      }
    }
    return labels;
  }

  @Override
  public void close() {
    reader.close();
  }

  private Box clipped(long n, long y, long x, Extent step) {
    return new Box(
        n,
        Math.min(n + step.n(), info.shape().n()),
        y,
        Math.min(y + step.y(), info.image(n).y1()),
        x,
        Math.min(x + step.x(), info.image(n).x1()));
  }

  private static void copy(int[] from, Box tileBox, int[] to, Box box) {
    long x0 = Math.max(tileBox.x0(), box.x0());
    int width = (int) (Math.min(tileBox.x1(), box.x1()) - x0);
    for (long n = Math.max(tileBox.n0(), box.n0()); n < Math.min(tileBox.n1(), box.n1()); n++) {
      for (long y = Math.max(tileBox.y0(), box.y0()); y < Math.min(tileBox.y1(), box.y1()); y++) {
        System.arraycopy(from, at(tileBox, n, y, x0), to, at(box, n, y, x0), width);
      }
    }
  }

  private static int at(Box box, long n, long y, long x) {
    return (int) (((n - box.n0()) * box.y() + y - box.y0()) * box.x() + x - box.x0());
  }

  private int[] tileBox(Box tileBox) throws IOException {
    int[] known = tiles.get(tileBox);
    if (known != null) {
      return known;
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
          ElementAccess.doubleAt(block.bytes(), block.at(n, y, x, 0), block.type(), block.order());
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
