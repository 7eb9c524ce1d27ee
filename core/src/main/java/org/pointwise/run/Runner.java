package org.pointwise.run;

import org.pointwise.plan.UnitPlan;

/** Does all units of a plan. The stored bytes are the same whichever runner did them. */
public interface Runner {
  /**
   * Runs every unit to its end.
   *
   * @param run a name that tells this run's receipts from those of others
   * @throws org.pointwise.errors.PointwiseException the first failure, once no unit is running
   */
  RunTotals run(UnitPlan plan, String run, Progress progress);

  /** Units it does at once. */
  int tasks();

  /** For the report: {@code local, 2 threads}. */
  String describe();
}
