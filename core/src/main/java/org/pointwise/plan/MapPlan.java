package org.pointwise.plan;

/** A plan whose units give numbers back. */
public sealed interface MapPlan
    permits SumPlan, VerificationPlan, MomentsMergePlan, InputStampsPlan {
  /** How many units there are; they are numbered from 0. */
  long unitCount();

  /** Whether a unit keeps what it has read, to be asked again with other parameters. */
  boolean keeps();

  /** Bytes that one task needs at most, without what its units keep. */
  long bytesPerTask();

  /**
   * Proves that the plan fits the machines.
   *
   * @throws org.pointwise.errors.InvalidInputException with both numbers and the options to change
   */
  void requireFits(Resources resources);
}
