package org.pointwise.plan;

import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ArrayInfo;

/**
 * A look at the objects of a Zarr array that gain nothing when the array grows along n: all but
 * those that reach past its last image. Immutable.
 *
 * @param past images of which the objects are summed up apart, too
 */
public record InputStampsPlan(ArrayInfo input, Dequantisation dequantisation, long past)
    implements MapPlan {
  /** Cells of a unit: their objects are looked at with few requests at once. */
  private static final long PER_UNIT = 4096;

  private static final long TASK_BYTES = 16L << 20;

  /** Which cells each unit takes. */
  public CellRuns units() {
    return new CellRuns(Cells.of(input), PER_UNIT);
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
