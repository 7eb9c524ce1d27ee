package org.pointwise.run;

import org.pointwise.conv.KernelChoice;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStores;

/** A unit of a plan that gives numbers back. Confined to one thread at a time. */
@FunctionalInterface
public interface MapUnit {
  /**
   * What the unit adds.
   *
   * @param parameters of a training, or what receipts record; empty otherwise
   */
  double[] apply(double[] parameters);

  /** Makes a unit ready: reads what it keeps. */
  static MapUnit of(MapPlan plan, long ordinal, ByteStores stores, KernelChoice choice) {
    if (plan instanceof EvaluationPlan evaluation) {
      return parameters -> {
        try (Evaluator evaluator = new Evaluator(evaluation, stores, choice)) {
          return evaluator.run(ordinal);
        }
      };
    }
    if (plan instanceof VerificationPlan verification) {
      return new VerificationUnit(verification, ordinal, stores);
    }
    if (plan instanceof MomentsMergePlan merge) {
      return new MomentsMergeUnit(merge, ordinal, stores);
    }
    if (plan instanceof InputStampsPlan stamps) {
      return new InputStamps.Unit(stamps, ordinal, stores);
    }
    return TrainingUnit.load((TrainingPlan) plan, ordinal, stores, choice);
  }
}
