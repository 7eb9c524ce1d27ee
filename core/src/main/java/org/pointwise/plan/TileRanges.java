package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;

/**
 * Cells, cut into runs of as many: the units of a pass that stores no output of its own.
 *
 * @param perUnit cells of a unit
 */
public record TileRanges(TileGrid tiles, long perUnit) {
  /**
   * Cuts an input.
   *
   * @param wanted decoded bytes of a unit to aim at
   * @param max units, at most
   */
  public static TileRanges of(ArrayInfo input, long wanted, long max) {
    TileGrid tiles = TileGrid.of(input);
    long tileBytes = Math.max(1, input.bytes() / tiles.count());
    long min = (tiles.count() + max - 1) / max;
    return new TileRanges(tiles, Math.max(min, Math.max(1, wanted / tileBytes)));
  }

  /** Runs of at most as many cells, a power of two. */
  public TileRanges powerOfTwo() {
    return new TileRanges(tiles, Long.highestOneBit(perUnit));
  }

  public long count() {
    return (tiles.count() + perUnit - 1) / perUnit;
  }

  /** The unit's first cell. */
  public long first(long unit) {
    return unit * perUnit;
  }

  /** The cell after the unit's last. */
  public long end(long unit) {
    return Math.min(tiles.count(), (unit + 1) * perUnit);
  }
}
