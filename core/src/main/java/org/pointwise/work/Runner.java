package org.pointwise.work;

import java.util.Map;
import org.pointwise.plan.Resources;
import org.pointwise.plan.StoringPlan;
import org.pointwise.plan.UnitPlan;

/**
 * Does all units of a plan. Stored bytes, numbers, receipts and failures are the same whichever
 * runner did them.
 */
public interface Runner {
  /**
   * Makes a plan's units ready.
   *
   * @throws org.pointwise.errors.InvalidInputException when the plan does not fit the machines
   */
  Session open(UnitPlan plan);

  /**
   * Does every unit of a plan that stores its results.
   *
   * @param run as for {@link Session#run}
   */
  default RunTotals run(StoringPlan plan, String run, Progress progress) {
    try (Session session = open(plan)) {
      return session.run(run, new double[0], progress).totals();
    }
  }

  /** Rounds over the units of a plan, which keep what they have read where it says so. */
  interface Session extends AutoCloseable {
    /**
     * Does every unit.
     *
     * @param run the unique name of this run, which its receipts carry; empty where there are none
     * @param parameters sent to each unit; empty where there are none
     * @throws org.pointwise.errors.PointwiseException the first failure, once no unit is running
     */
    Round run(String run, double[] parameters, Progress progress);

    /** The numbers of every unit of a plan that stores nothing. */
    default double[] sum(double[] parameters, Progress progress) {
      return run("", parameters, progress).numbers();
    }

    /** Lets go of what the units keep. */
    @Override
    void close();
  }

  /**
   * What all units did.
   *
   * @param numbers of all, added as the plan says
   */
  record Round(RunTotals totals, double[] numbers) {}

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
