package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Grid;

/**
 * A look at the objects of an array that gain nothing when the array grows along n: all but those
 * that reach past its last image. Immutable.
 *
 * @param labels whether the array is one of labels, one value a pixel
 * @param cellsPerUnit whose objects a unit looks at
 * @param past images of which the objects are summed up apart, too
 */
public record InputStampsPlan(
    ArrayInfo input, Dequantisation dequantisation, boolean labels, long cellsPerUnit, long past)
    implements MapPlan {
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
  public static InputStampsPlan of(
      ArrayInfo input,
      Dequantisation dequantisation,
      boolean labels,
      Extent object,
      int objectsPerCell,
      long past) {
    Extent cell = input.cell();
    long cellsPerObject =
        Grid.ceil(object.n(), cell.n())
            * Grid.ceil(object.y(), cell.y())
            * Grid.ceil(object.x(), cell.x());
    long wanted = Math.max(1, REQUESTS / objectsPerCell) * cellsPerObject;
    long least = Grid.ceil(Cells.of(input).count(), MOST_UNITS);
    return new InputStampsPlan(input, dequantisation, labels, Math.max(wanted, least), past);
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
  public boolean keeps() {
    return false;
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
