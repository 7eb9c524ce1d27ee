package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;

/**
 * Divides tiles into ranges of equal length: the units of a pass that writes no output arrays.
 *
 * @param perUnit tiles of a unit
 */
public record TileRanges(TileGrid tiles, long perUnit) {
  /**
   * Divides the tiles of an input.
   *
   * @param tilesPerUnit desired decoded bytes of a unit
   * @param max maximum number of units
   */
  public static TileRanges of(ArrayInfo input, long tilesPerUnit, long max) {
    TileGrid tiles = TileGrid.of(input);
    long tileBytes = Math.max(1, input.bytes() / tiles.count());
    long min = (tiles.count() + max - 1) / max;
    return new TileRanges(tiles, Math.max(min, Math.max(1, tilesPerUnit / tileBytes)));
  }

  /** Ranges whose length is the largest power of two that does not exceed this one's length. */
  public TileRanges powerOfTwo() {
    return new TileRanges(tiles, Long.highestOneBit(perUnit));
  }

  public long count() {
    return (tiles.count() + perUnit - 1) / perUnit;
  }

  /** The first tile of a unit. */
  public long first(long unit) {
    return unit * perUnit;
  }

  /** The tile after the last one of a unit. */
  public long end(long unit) {
    return Math.min(tiles.count(), (unit + 1) * perUnit);
  }
}
