package org.pointwise.plan;

import java.util.Arrays;
import org.pointwise.format.StoredState;
import org.pointwise.tensor.Axes;

/**
 * The plan of a verification of the objects of one array of an output. Immutable.
 *
 * @param format format of the output
 * @param output the group
 * @param array name of the array in the group
 * @param images number of images that the array should hold
 * @param first first object to check
 * @param count number of objects to check
 * @param deep whether to read all bytes, or only lengths and indexes
 * @param delete whether to delete damaged and left-over objects
 * @param bytesPerTask heap bytes that the largest object needs
 */
public record VerificationPlan(
    String format,
    String output,
    String array,
    Axes axes,
    long images,
    long first,
    long count,
    boolean deep,
    boolean delete,
    long bytesPerTask)
    implements UnitPlan {
  /**
   * The number of counts at the start of a unit's result: the number of objects in each state, and
   * the number of deleted objects. Pairs follow, for each object with a problem: the ordinal of the
   * object and the ordinal of its state.
   */
  public static final int COUNTS = StoredState.values().length + 1;

  /** Maximum number of objects that are named. */
  public static final int MAX_NAMED = 100;

  /** Objects per unit: enough to amortise the read of the array's metadata. */
  private static final int PER_UNIT = 128;

  /** Maximum objects of one plan: all units receive the receipts of all these objects. */
  public static final int MAX_OBJECTS = 1 << 20;

  /** All inputs that determine the numbers of all units, besides the objects and their receipts. */
  public String fingerprintInputs() {
    return "pointwise verification 1\n" + this;
  }

  @Override
  public long unitCount() {
    return (count + PER_UNIT - 1) / PER_UNIT;
  }

  /** The first object of a unit, from 0. */
  public int begin(long unit) {
    return (int) (unit * PER_UNIT);
  }

  /** The object after the last one of a unit. */
  public int end(long unit) {
    return (int) Math.min(count, (unit + 1) * PER_UNIT);
  }

  @Override
  public double[] zero() {
    return new double[COUNTS];
  }

  @Override
  public double[] add(double[] left, double[] right) {
    int named = Math.min(left.length + right.length - COUNTS, COUNTS + 2 * MAX_NAMED);
    double[] total = Arrays.copyOf(left, Math.max(named, left.length));
    for (int i = 0; i < COUNTS; i++) {
      total[i] += right[i];
    }
    System.arraycopy(right, COUNTS, total, left.length, total.length - left.length);
    return total;
  }

  @Override
  public void requireFits(Resources resources) {
    resources.requireHeap("Cannot verify " + output, bytesPerTask, ", or fewer tasks at once");
  }
}
