package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * A look at the objects of an array that gain nothing when the array grows along n: all but those
 * that reach past its last image. Immutable.
 *
 * @param tilesPerUnit whose objects a unit looks at
 * @param past images of which the objects are summed up apart, too
 */
public record InputDigestPlan(ArrayInfo input, long tilesPerUnit, long past) implements UnitPlan {
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

  private static final long MAX_UNITS = 1L << 20;
  private static final long TASK_BYTES = 16L << 20;

  /**
   * Makes the plan.
   *
   * @param object pixels that an object holds
   * @param objectsPerTile where channels lie in several
   */
  public static InputDigestPlan of(ArrayInfo input, Extent object, int objectsPerTile, long past) {
    Extent tile = input.tile();
    long tilesPerObject =
        Grid.ceil(object.n(), tile.n())
            * Grid.ceil(object.y(), tile.y())
            * Grid.ceil(object.x(), tile.x());
    long wanted = Math.max(1, REQUESTS / objectsPerTile) * tilesPerObject;
    long min = Grid.ceil(TileGrid.of(input).count(), MAX_UNITS);
    return new InputDigestPlan(input, Math.max(wanted, min), past);
  }

  /** Which cells each unit takes. */
  public TileRanges units() {
    return new TileRanges(TileGrid.of(input), tilesPerUnit);
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
