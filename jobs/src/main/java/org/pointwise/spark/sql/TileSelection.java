package org.pointwise.spark.sql;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Box;

/** The tiles to read, numbered in row-major order. */
record TileSelection(AxisTiles n, AxisTiles y, AxisTiles x) implements Serializable {
  /** The largest number of boxes of a tile along y. */
  private static final int MAX_DOWN = 4;

  /** The largest number along x. Where rows are stored whole, each costs a read for each row. */
  private static final int MAX_ACROSS = 2;

  /** Returns the number of tiles. Those beyond the edges of a smaller image count too. */
  long count() {
    return Math.multiplyExact(
        n.tiles().count(), Math.multiplyExact(y.tiles().count(), x.tiles().count()));
  }

  /** Returns the largest number of pixels of a tile. */
  long tilePixels() {
    return Math.multiplyExact(n.longest(), Math.multiplyExact(y.longest(), x.longest()));
  }

  /** Returns the number of chosen pixels. */
  long pixels(ArrayInfo info) {
    if (info.uniform()) {
      return Math.multiplyExact(
          n.chosen().count(), Math.multiplyExact(y.chosen().count(), x.chosen().count()));
    }
    long pixels = 0;
    for (long i = 0; i < n.chosen().count(); i++) {
      Box image = info.image(n.chosen().get(i));
      pixels += y.chosen().countBelow(image.y1()) * x.chosen().countBelow(image.x1());
    }
    return pixels;
  }

  /**
   * Returns boxes with the chosen pixels of a tile, each within one tile of the array and, where
   * images differ in size, of one image. They are few: where chosen rows or columns are scattered,
   * a box has others between them, which {@link #rows} and {@link #columns} exclude.
   *
   * @param number of the tile
   */
  List<Box> boxes(long number, ArrayInfo info) {
    long across = x.tiles().count();
    long down = y.tiles().count();
    long image = n.tiles().get(number / across / down);
    long row = y.tiles().get(number / across % down);
    long column = x.tiles().get(number % across);
    Box tile =
        new Box(
            n.begin(image), n.end(image), y.begin(row), y.end(row), x.begin(column), x.end(column));
    List<Box> boxes = new ArrayList<>();
    for (long[] images : parts(n.chosen(), tile.n0(), tile.n1())) {
      long step = info.uniform() ? images[1] - images[0] : 1;
      for (long i = images[0]; i < images[1]; i += step) {
        Box whole = info.image(i);
        for (long[] rows :
            few(MAX_DOWN, parts(y.chosen(), tile.y0(), Math.min(tile.y1(), whole.y1())))) {
          for (long[] columns :
              few(MAX_ACROSS, parts(x.chosen(), tile.x0(), Math.min(tile.x1(), whole.x1())))) {
            boxes.add(new Box(i, i + step, rows[0], rows[1], columns[0], columns[1]));
          }
        }
      }
    }
    return boxes;
  }

  /** Returns which rows of a box are chosen; empty if all are. */
  boolean[] rows(Box box) {
    return y.chosen().within(box.y0(), box.y1());
  }

  /** Returns which columns of a box are chosen; empty if all are. */
  boolean[] columns(Box box) {
    return x.chosen().within(box.x0(), box.x1());
  }

  /** Joins parts across the smallest gaps until there are at most {@code max}. */
  private static List<long[]> few(int max, List<long[]> parts) {
    if (parts.size() <= max) {
      return parts;
    }
    List<Integer> widest = new ArrayList<>();
    for (int i = 1; i < parts.size(); i++) {
      widest.add(i);
    }
    widest.sort(Comparator.comparingLong(i -> parts.get(i - 1)[1] - parts.get(i)[0]));
    List<long[]> joined = new ArrayList<>();
    long begin = parts.get(0)[0];
    for (int i : widest.stream().limit(max - 1).sorted().toList()) {
      joined.add(new long[] {begin, parts.get(i - 1)[1]});
      begin = parts.get(i)[0];
    }
    joined.add(new long[] {begin, parts.get(parts.size() - 1)[1]});
    return joined;
  }

  private static List<long[]> parts(Ranges chosen, long begin, long end) {
    List<long[]> parts = new ArrayList<>();
    if (end <= begin) {
      return parts; // the image ends before the tile
    }
    for (int i = chosen.rangeEndingAfter(begin);
        i < chosen.ranges() && chosen.begin(i) < end;
        i++) {
      parts.add(new long[] {Math.max(begin, chosen.begin(i)), Math.min(end, chosen.end(i))});
    }
    return parts;
  }
}
