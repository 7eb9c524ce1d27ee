package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * The plan of a pass that reads the status of all objects from which the pixels of an input come,
 * but no pixels. Immutable.
 *
 * @param object pixels that an object holds
 * @param boxesPerUnit number of boxes of this extent in a unit
 */
public record InputVersionPlan(ArrayInfo input, Extent object, long boxesPerUnit)
    implements UnitPlan {
  /** The halves of a digest, which are summed modulo {@link InputDigestPlan#MODULUS}. */
  public static final int SUMS = 2;

  /** The index of the modification time of the newest object; the number of its unit follows. */
  public static final int NEWEST = SUMS;

  /** The length of a unit's result. */
  public static final int RESULT_LENGTH = NEWEST + 2;

  /** Desired number of requests per unit. */
  private static final long REQUESTS = 1024;

  private static final long MAX_UNITS = 1L << 20;
  private static final long TASK_BYTES = 16L << 20;

  /**
   * Makes the plan.
   *
   * @param objectsPerBox more than 1 where the channels are stored in several objects
   */
  public static InputVersionPlan of(ArrayInfo input, Extent object, int objectsPerBox) {
    long min = Grid.ceil(Grid.over(input.shape(), object).count(), MAX_UNITS);
    return new InputVersionPlan(
        input, object, Math.max(min, Math.max(1, REQUESTS / Math.max(1, objectsPerBox))));
  }

  private Grid boxes() {
    return Grid.over(input.shape(), object);
  }

  /** The number of boxes of a unit. */
  public int boxCount(long unit) {
    return Math.toIntExact(Math.min(boxesPerUnit, boxes().count() - unit * boxesPerUnit));
  }

  /** A box of a unit; objects may hold pixels of several boxes. */
  public Box box(long unit, int number) {
    return boxes().box(unit * boxesPerUnit + number);
  }

  @Override
  public long unitCount() {
    return Grid.ceil(boxes().count(), boxesPerUnit);
  }

  @Override
  public double[] zero() {
    return new double[RESULT_LENGTH];
  }

  @Override
  public double[] add(double[] left, double[] right) {
    for (int i = 0; i < SUMS; i++) {
      left[i] = (left[i] + right[i]) % InputDigestPlan.MODULUS;
    }
    return InputDigestPlan.keepNewest(left, right, NEWEST);
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
