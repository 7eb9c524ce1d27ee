package org.pointwise.plan;

import java.util.Arrays;
import org.pointwise.format.StoredState;
import org.pointwise.tensor.Axes;

/**
 * A look at the objects of one array of an output. Immutable.
 *
 * @param format of the output
 * @param output the group
 * @param array its name in the group
 * @param images that the array is to hold
 * @param first object to look at
 * @param count how many
 * @param deep whether to read every byte, or lengths and indexes alone
 * @param delete whether to delete what is found damaged or left over
 * @param bytesPerTask that the largest object takes
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
   * A unit gives as many numbers first: of objects in each state, and of those deleted. Pairs
   * follow, an object's ordinal and its state's, of those in which something is wrong.
   */
  public static final int COUNTS = StoredState.values().length + 1;

  /** Objects that are named, at most. */
  public static final int MAX_NAMED = 100;

  /** Objects of a unit: enough to read the array's metadata for. */
  private static final int PER_UNIT = 128;

  /** Objects that one plan may have: what their receipts say is sent to all units. */
  public static final int MAX_OBJECTS = 1 << 20;

  /** What the numbers of all units depend on, beside the objects and their receipts. */
  public String fingerprintInputs() {
    return "pointwise verification 1\n" + this;
  }

  @Override
  public long unitCount() {
    return (count + PER_UNIT - 1) / PER_UNIT;
  }

  /** The unit's first object, from 0. */
  public int begin(long unit) {
    return (int) (unit * PER_UNIT);
  }

  /** The object after the unit's last. */
  public int end(long unit) {
    return (int) Math.min(count, (unit + 1) * PER_UNIT);
  }

  @Override
  public double[] nothing() {
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
