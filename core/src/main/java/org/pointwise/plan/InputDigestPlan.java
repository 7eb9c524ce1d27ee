package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * The plan of a pass that digests the objects of an array that do not change when the array grows
 * along n: all objects except those that reach past the last image. Immutable.
 *
 * @param tilesPerUnit number of tiles whose objects a unit digests
 * @param past number of leading images whose objects are also summed separately
 */
public record InputDigestPlan(ArrayInfo input, long tilesPerUnit, long past) implements UnitPlan {
  /** Numbers of one sum: the number of objects, and four halves of digests. */
  public static final int SUM = 5;

  /** Sums of halves of digests are modulo this number; a double holds them exactly. */
  public static final long MODULUS = 1L << 30;

  /**
   * The index of three numbers that follow the sum of past objects and the sum of all objects in a
   * unit's result: the modification time of the newest past object, its tile, and its position
   * among the objects of that tile.
   */
  public static final int NEWEST = 2 * SUM;

  /** The length of a unit's result. */
  public static final int RESULT_LENGTH = NEWEST + 3;

  /** Desired number of requests per unit. */
  private static final long REQUESTS = 1024;

  private static final long MAX_UNITS = 1L << 20;
  private static final long TASK_BYTES = 16L << 20;

  /**
   * Makes the plan.
   *
   * @param object pixels that an object holds
   * @param objectsPerTile objects that hold one tile; more than 1 where its channels are stored in
   *     several objects
   */
  public static InputDigestPlan of(ArrayInfo input, Extent object, int objectsPerTile, long past) {
    Extent tile = input.tile();
    long tilesPerObject =
        Grid.ceil(object.n(), tile.n())
            * Grid.ceil(object.y(), tile.y())
            * Grid.ceil(object.x(), tile.x());
    long target = Math.max(1, REQUESTS / objectsPerTile) * tilesPerObject;
    long min = Grid.ceil(TileGrid.of(input).count(), MAX_UNITS);
    return new InputDigestPlan(input, Math.max(target, min), past);
  }

  /** The tiles of each unit. */
  public TileRanges units() {
    return new TileRanges(TileGrid.of(input), tilesPerUnit);
  }

  @Override
  public long unitCount() {
    return units().count();
  }

  @Override
  public double[] zero() {
    return new double[RESULT_LENGTH];
  }

  @Override
  public double[] add(double[] left, double[] right) {
    for (int i = 0; i < NEWEST; i++) {
      boolean count = i % SUM == 0;
      left[i] = count ? left[i] + right[i] : (left[i] + right[i]) % MODULUS;
    }
    return keepNewest(left, right, NEWEST);
  }

  /** Copies what describes the newest object, from its time of change on, if it is newer. */
  static double[] keepNewest(double[] left, double[] right, int newest) {
    if (right[newest] > left[newest]) {
      System.arraycopy(right, newest, left, newest, left.length - newest);
    }
    return left;
  }

  @Override
  public long bytesPerTask() {
    return TASK_BYTES;
  }

  @Override
  public void requireFits(Resources resources) {
    // The pass reads no pixels.
  }
}
