package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;

/**
 * Cells, cut into runs of as many: the units of a pass that stores no output of its own.
 *
 * @param perUnit cells of a unit
 */
public record CellRuns(Cells cells, long perUnit) {
  /**
   * Cuts an input.
   *
   * @param wanted decoded bytes of a unit to aim at
   * @param most units, at most
   */
  public static CellRuns of(ArrayInfo input, long wanted, long most) {
    Cells cells = Cells.of(input);
    long cellBytes = Math.max(1, input.bytes() / cells.count());
    long least = (cells.count() + most - 1) / most;
    return new CellRuns(cells, Math.max(least, Math.max(1, wanted / cellBytes)));
  }

  /** Runs of at most as many cells, a power of two. */
  public CellRuns powerOfTwo() {
    return new CellRuns(cells, Long.highestOneBit(perUnit));
  }

  public long count() {
    return (cells.count() + perUnit - 1) / perUnit;
  }

  /** The unit's first cell. */
  public long first(long unit) {
    return unit * perUnit;
  }

  /** The cell after the unit's last. */
  public long end(long unit) {
    return Math.min(cells.count(), (unit + 1) * perUnit);
  }
}
