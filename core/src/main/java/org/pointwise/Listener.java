package org.pointwise;

import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Receives notifications while a job runs. The default methods do nothing. All methods are called
 * on the thread that runs the job, except {@link Progress#done}, which any thread may call. They
 * must not throw.
 */
public interface Listener {
  /** A listener that does nothing. */
  Listener SILENT = new Listener() {};

  /**
   * Called when a pass over the units of a plan begins.
   *
   * @return receives the progress of the units; closed when the pass ends
   */
  default Progress begin(UnitPlan plan, Runner runner) {
    return Progress.SILENT;
  }

  /**
   * Called when a check of the objects of an output begins. The number of objects is not known in
   * advance.
   *
   * @return receives the progress, with objects as units; closed when all objects are checked
   */
  default Progress beginObjects() {
    return Progress.SILENT;
  }

  /** Called when the training of a plan's network begins. */
  default void training(TrainingPlan plan) {}

  /** Called when a training step has ended. */
  default void step(int step, double loss) {}

  /** Receives information for the user, one line. */
  default void note(String line) {}

  /** Receives the description of a likely mistake, one line. */
  default void warning(String line) {}
}
