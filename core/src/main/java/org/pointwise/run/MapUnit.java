package org.pointwise.run;

import org.pointwise.conv.KernelChoice;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.TrainingPlan;
import org.pointwise.store.ByteStores;

/** A unit of a plan that gives numbers back. Confined to one thread at a time. */
@FunctionalInterface
public interface MapUnit {
  /**
   * What the unit adds.
   *
   * @param parameters of a training; empty otherwise
   */
  double[] apply(double[] parameters);

  /** Makes a unit ready: reads what it keeps. */
  static MapUnit of(MapPlan plan, long ordinal, ByteStores stores, KernelChoice choice) {
    if (plan instanceof EvaluationPlan evaluation) {
      return parameters -> new Evaluator(evaluation, stores, choice).run(ordinal);
    }
    return TrainingUnit.load((TrainingPlan) plan, ordinal, stores, choice);
  }
}
