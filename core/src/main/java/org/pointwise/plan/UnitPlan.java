package org.pointwise.plan;

/**
 * Numbered units of work. A unit stores objects, gives numbers back, or both. Immutable.
 *
 * <p>Numbers of units are added in a binary tree over the units' ordinals, so that the total is the
 * same to the bit wherever they were computed.
 */
public sealed interface UnitPlan
    permits StoringPlan,
        EvaluationPlan,
        TrainingPlan,
        VerificationPlan,
        MomentsMergePlan,
        InputDigestPlan {
  /** How many units there are; they are numbered from 0. */
  long unitCount();

  /** The first unit to do; those before it are done and stay as they are. */
  default long firstUnit() {
    return 0;
  }

  /** Whether a unit keeps what it has read, to be asked again with other parameters. */
  default boolean keeps() {
    return false;
  }

  /** Bytes of the heap that one task needs at most, without what its units keep. */
  long bytesPerTask();

  /**
   * Proves that the plan fits the machines.
   *
   * @throws org.pointwise.errors.InvalidInputException with both numbers and the options to change
   */
  void requireFits(Resources resources);

  /** The numbers of no unit. */
  default double[] nothing() {
    return new double[0];
  }

  /**
   * Adds the numbers of later units to those of earlier ones.
   *
   * @return the total; {@code left}, changed, or another
   */
  default double[] add(double[] left, double[] right) {
    return left;
  }
}
