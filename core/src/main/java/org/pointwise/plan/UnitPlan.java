package org.pointwise.plan;

/**
 * A plan of numbered units of work. A unit stores objects, returns numbers, or both. Immutable.
 *
 * <p>The numbers of units are added in a binary tree over the units' ordinals, so that the total is
 * bit-identical wherever they were computed.
 */
public sealed interface UnitPlan
    permits StoringPlan,
        EvaluationPlan,
        TrainingPlan,
        VerificationPlan,
        MomentsMergePlan,
        InputDigestPlan,
        InputVersionPlan,
        ImageDigestPlan {
  /** The number of units; units are numbered from 0. */
  long unitCount();

  /** The first unit to process; the units before it are complete and stay unchanged. */
  default long firstUnit() {
    return 0;
  }

  /** Whether a unit keeps the data that it has read, to run again with other parameters. */
  default boolean cachesUnits() {
    return false;
  }

  /** Maximum heap bytes of one task, without the data that its units keep. */
  long bytesPerTask();

  /**
   * Checks that the plan fits the machines.
   *
   * @throws org.pointwise.errors.InvalidInputException with both numbers and the options to change
   */
  void requireFits(Resources resources);

  /** The neutral element of {@link #add}: the numbers of no unit. */
  default double[] zero() {
    return new double[0];
  }

  /**
   * Adds the numbers of later units to those of earlier units.
   *
   * @return the total: {@code left}, modified, or another array
   */
  default double[] add(double[] left, double[] right) {
    return left;
  }
}
