package org.pointwise.work;

import java.util.Map;
import org.pointwise.plan.Resources;
import org.pointwise.plan.StoringPlan;
import org.pointwise.plan.UnitPlan;

/**
 * Executes all units of a plan. Stored bytes, numbers, receipts and failures do not depend on the
 * runner.
 */
public interface Runner {
  /**
   * Opens a session on a plan.
   *
   * @throws org.pointwise.errors.InvalidInputException when the plan does not fit the machines
   */
  Session open(UnitPlan plan);

  /**
   * Executes every unit of a plan that stores its results.
   *
   * @param run as for {@link Session#run}
   */
  default RunTotals run(StoringPlan plan, String run, Progress progress) {
    try (Session session = open(plan)) {
      return session.run(run, new double[0], progress).totals();
    }
  }

  /** Executes rounds over the units of a plan. Units keep their data where the plan requires it. */
  interface Session extends AutoCloseable {
    /**
     * Executes every unit once.
     *
     * @param run the unique name of this run, which its receipts carry; empty where there are none
     * @param parameters sent to each unit; empty where there are none
     * @throws org.pointwise.errors.PointwiseException the first failure, after all units have
     *     stopped
     */
    Round run(String run, double[] parameters, Progress progress);

    /** Executes every unit of a plan that stores nothing, and returns the sum of their numbers. */
    default double[] sum(double[] parameters, Progress progress) {
      return run("", parameters, progress).numbers();
    }

    /** Releases the data that the units keep. */
    @Override
    void close();
  }

  /**
   * The result of all units.
   *
   * @param totals sum of the receipts
   * @param numbers sum of the numbers of all units, by {@link UnitPlan#add}
   */
  record Round(RunTotals totals, double[] numbers) {}

  /** Resources for the units of a plan. */
  Resources resources();

  /** Number of units that run at once. */
  int tasks();

  /** Number of units that one process runs at once. */
  int tasksPerProcess();

  /** Versions of the underlying software, by name. */
  Map<String, String> versions();

  /** A description for the report: {@code local, 2 threads}. */
  String describe();
}
