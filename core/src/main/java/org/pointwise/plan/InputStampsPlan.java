package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * A look at the objects of an array that gain nothing when the array grows along n: all but those
 * that reach past its last image. Immutable.
 *
 * @param cellsPerUnit whose objects a unit looks at
 * @param past images of which the objects are summed up apart, too
 */
public record InputStampsPlan(ArrayInfo input, long cellsPerUnit, long past) implements UnitPlan {
  /** Numbers of a sum: how many objects, and four halves of digests. */
  public static final int SUM = 5;

  /** Sums of halves of digests are modulo this, which a double holds. */
  public static final long MODULUS = 1L << 30;

  /**
   * Where a unit's numbers hold, after the sums of past objects and of all, the time of change of
   * the newest past object, its cell, and its place among that cell's objects.
   */
  public static final int NEWEST = 2 * SUM;

  /** How many numbers a unit gives. */
  public static final int NUMBERS = NEWEST + 3;

  /** Requests of a unit to aim at. */
  private static final long REQUESTS = 1024;

  private static final long MOST_UNITS = 1L << 20;
  private static final long TASK_BYTES = 16L << 20;

  /**
   * Makes the plan.
   *
   * @param object pixels that an object holds
   * @param objectsPerCell where channels lie in several
   */
  public static InputStampsPlan of(ArrayInfo input, Extent object, int objectsPerCell, long past) {
    Extent cell = input.cell();
    long cellsPerObject =
        Grid.ceil(object.n(), cell.n())
            * Grid.ceil(object.y(), cell.y())
            * Grid.ceil(object.x(), cell.x());
    long wanted = Math.max(1, REQUESTS / objectsPerCell) * cellsPerObject;
    long least = Grid.ceil(Cells.of(input).count(), MOST_UNITS);
    return new InputStampsPlan(input, Math.max(wanted, least), past);
  }

  /** Which cells each unit takes. */
  public CellRuns units() {
    return new CellRuns(Cells.of(input), cellsPerUnit);
  }

  @Override
  public long unitCount() {
    return units().count();
  }

  @Override
  public double[] nothing() {
    return new double[NUMBERS];
  }

  @Override
  public double[] add(double[] left, double[] right) {
    for (int i = 0; i < NEWEST; i++) {
      boolean count = i % SUM == 0;
      left[i] = count ? left[i] + right[i] : (left[i] + right[i]) % MODULUS;
    }
    if (right[NEWEST] > left[NEWEST]) {
      System.arraycopy(right, NEWEST, left, NEWEST, NUMBERS - NEWEST);
    }
    return left;
  }

  @Override
  public long bytesPerTask() {
    return TASK_BYTES;
  }

  @Override
  public void requireFits(Resources resources) {
    // No pixel is read.
  }
}
