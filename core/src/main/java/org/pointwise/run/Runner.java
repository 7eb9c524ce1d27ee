package org.pointwise.run;

import java.util.List;
import java.util.Map;
import org.pointwise.plan.MapPlan;
import org.pointwise.plan.Resources;
import org.pointwise.plan.SumPlan;
import org.pointwise.plan.UnitPlan;

/** Does all units of a plan. The stored bytes are the same whichever runner did them. */
public interface Runner {
  /**
   * Runs every unit to its end.
   *
   * @param run the unique name of this run, which its receipts carry
   * @throws org.pointwise.errors.PointwiseException the first failure, once no unit is running
   */
  RunTotals run(UnitPlan plan, String run, Progress progress);

  /**
   * Makes a plan's units ready to be asked.
   *
   * @throws org.pointwise.errors.InvalidInputException when the plan does not fit the machines
   */
  Session open(MapPlan plan);

  /** Units that give numbers back, and keep what they have read where the plan says so. */
  interface Session extends AutoCloseable {
    /**
     * The sum over all units of a {@link SumPlan}, in a binary tree over their ordinals: the same
     * to the bit whoever adds it up.
     *
     * @param parameters sent to each; empty where there are none
     * @throws org.pointwise.errors.PointwiseException the first failure
     */
    double[] sum(double[] parameters, Progress progress);

    /**
     * Asks all units.
     *
     * @param parameters sent to each; empty where there are none
     * @return the units' answers in the order of their ordinals
     * @throws org.pointwise.errors.PointwiseException the first failure
     */
    List<double[]> map(double[] parameters, Progress progress);

    /** Lets go of what the units keep. */
    @Override
    void close();
  }

  /** What the machines have for one of its units. */
  Resources resources();

  /** Units it does at once. */
  int tasks();

  /** Units that one process does at once. */
  int tasksPerProcess();

  /** Versions of what it runs on, by name. */
  Map<String, String> versions();

  /** For the report: {@code local, 2 threads}. */
  String describe();
}
