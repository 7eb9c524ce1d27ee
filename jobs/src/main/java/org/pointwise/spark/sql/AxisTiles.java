package org.pointwise.spark.sql;

import java.io.Serializable;

/**
 * The tiles along one axis that hold chosen indexes.
 *
 * @param length length of the axis
 * @param tile length of a tile
 * @param offset position of index 0 within the first tile
 * @param chosen the indexes to read
 * @param tiles the numbers of the tiles to read
 */
record AxisTiles(long length, int tile, int offset, Ranges chosen, Ranges tiles)
    implements Serializable {

  /** Selects indexes, and the tiles that hold them. */
  static AxisTiles ofIndexes(long length, int tile, int offset, Ranges indexes) {
    Ranges.Builder tiles = new Ranges.Builder(tiles(length, tile, offset));
    for (int i = 0; i < indexes.ranges(); i++) {
      tiles.add((indexes.begin(i) + offset) / tile, (indexes.end(i) - 1 + offset) / tile + 1);
    }
    return new AxisTiles(length, tile, offset, indexes, tiles.build());
  }

  /** Selects the whole tiles whose first index is chosen. */
  static AxisTiles ofFirstIndexes(long length, int tile, int offset, Ranges firsts) {
    Ranges.Builder tiles = new Ranges.Builder(tiles(length, tile, offset));
    for (int i = 0; i < firsts.ranges(); i++) {
      long begin = firsts.begin(i);
      tiles.add(
          begin == 0 ? 0 : (begin - 1 + offset) / tile + 1,
          (firsts.end(i) - 1 + offset) / tile + 1);
    }
    return new AxisTiles(length, tile, offset, Ranges.all(length), tiles.build());
  }

  private static long tiles(long length, int tile, int offset) {
    return (length - 1 + offset) / tile + 1;
  }

  /** Returns the first index of a tile. */
  long begin(long number) {
    return Math.max(0, number * tile - offset);
  }

  /** Returns the end of the indexes of a tile. */
  long end(long number) {
    return Math.min(length, (number + 1) * tile - offset);
  }

  /** Returns the largest number of indexes of a tile. */
  long longest() {
    return Math.min(tile, length);
  }
}
