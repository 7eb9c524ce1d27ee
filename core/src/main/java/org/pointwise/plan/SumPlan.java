package org.pointwise.plan;

/**
 * A plan whose units' answers are sums of one length, added in a binary tree over their ordinals.
 */
public sealed interface SumPlan extends MapPlan permits EvaluationPlan, TrainingPlan {
  /**
   * Adds the sums of later units to those of earlier ones.
   *
   * @return the total; {@code left}, changed, or another
   */
  double[] add(double[] left, double[] right);

  /** Of no pixel. */
  double[] nothing();
}
