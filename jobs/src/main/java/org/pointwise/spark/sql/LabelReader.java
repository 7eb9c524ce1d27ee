package org.pointwise.spark.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.Tile;

/**
 * Reads the labels of boxes of pixels. Keeps tiles of labels that were read last, because several
 * tiles of features lie in one. Confined to one thread.
 */
final class LabelReader implements AutoCloseable {
  private static final long MAX_PIXELS = 8L << 20; // 64 MiB
  private static final long MAX_TILE_PIXELS = 2L << 20;

  private final ArrayInfo info;
  private final FeatureSource.Reader reader;
  private final @Nullable Long ignored;
  private final boolean floating;

  /** The numbers of tiles, the one that was used last at the end. */
  private final Map<Box, long[]> tiles = new LinkedHashMap<>(16, 0.75f, true);

  private long tilePixels; // of all of them
  private long[] labels = new long[0];

  /**
   * @param ignored the label that becomes null; null for none
   */
  LabelReader(FeatureSource source, @Nullable Long ignored) {
    this.info = source.info();
    this.reader = source.reader();
    this.ignored = ignored;
    this.floating = info.type().floating();
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
    Box whole = info.tileOf(part);
    boolean kept = whole.pixels() <= MAX_TILE_PIXELS;
    Box from = kept ? whole : part;
    long[] numbers = kept ? numbersOfTile(whole) : numbers(part);
    for (long n = part.n0(); n < part.n1(); n++) {
      for (long y = part.y0(); y < part.y1(); y++) {
        int to = position(box, n, y, part.x0());
        int at = position(from, n, y, part.x0());
        for (int x = 0; x < part.x(); x++) {
          labels[to + x] = label(numbers[at + x]);
        }
      }
    }
  }

  private static int position(Box box, long n, long y, long x) {
    return Math.toIntExact(((n - box.n0()) * box.y() + y - box.y0()) * box.x() + x - box.x0());
  }

  private long[] numbersOfTile(Box tile) {
    long[] known = tiles.get(tile);
    if (known != null) {
      return known;
    }
    long[] numbers = numbers(tile);
    Iterator<long[]> oldest = tiles.values().iterator();
    while (oldest.hasNext() && tilePixels + numbers.length > MAX_PIXELS) {
      tilePixels -= oldest.next().length;
      oldest.remove();
    }
    tiles.put(tile, numbers);
    tilePixels += numbers.length;
    return numbers;
  }

  /** Reads a box within a tile. Returns whole numbers, or the bits of float64 numbers. */
  private long[] numbers(Box box) {
    Tile tile;
    try {
      tile = reader.read(box);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ChannelBlock block = tile.blocks().get(0);
    long[] numbers = new long[Math.toIntExact(box.pixels())];
    int i = 0;
    for (int n = 0; n < box.n(); n++) {
      for (int y = 0; y < box.y(); y++) {
        for (int x = 0; x < box.x(); x++) {
          int at = block.byteOffset(n, y, x, 0);
          numbers[i++] =
              floating
                  ? Double.doubleToRawLongBits(
                      ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order()))
                  : ElementAccess.bitsAt(block.bytes(), at, block.type(), block.order());
        }
      }
    }
    return numbers;
  }

  private long label(long number) {
    if (!floating) {
      return number;
    }
    double label = Double.longBitsToDouble(number);
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
