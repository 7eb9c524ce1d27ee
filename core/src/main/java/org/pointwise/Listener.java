package org.pointwise;

import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Is called while a job runs. Its methods do nothing unless overridden; they are called on the
 * thread that runs the job, but for {@link Progress#done}, which any thread calls. They must not
 * throw.
 */
public interface Listener {
  /** Does nothing. */
  Listener SILENT = new Listener() {};

  /**
   * A pass over the units of a plan begins.
   *
   * @return receives the progress of its units; closed when the pass ends
   */
  default Progress begin(UnitPlan plan, Runner runner) {
    return Progress.SILENT;
  }

  /**
   * The objects of an output are looked at, whose number is not known beforehand.
   *
   * @return receives the progress, objects as units; closed when all were looked at
   */
  default Progress beginObjects() {
    return Progress.SILENT;
  }

  /** The training of a plan's network begins. */
  default void training(TrainingPlan plan) {}

  /** A step of a training has ended. */
  default void step(int step, double loss) {}

  /** Something that the user may want to know, in one line. */
  default void note(String line) {}

  /** Something that is likely to be a mistake, in one line. */
  default void warning(String line) {}
}
