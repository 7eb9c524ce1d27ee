package org.pointwise;

import org.pointwise.plan.TrainingPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/**
 * Hears of a job while it runs. Its methods do nothing unless overridden; they are called on the
 * thread that runs the job, but for {@link Progress#done}, which any thread calls. They must not
 * throw.
 */
public interface Listener {
  /** Hears nothing. */
  Listener SILENT = new Listener() {};

  /**
   * A pass over the units of a plan begins.
   *
   * @return hears of its units, and is closed when it ends
   */
  default Progress begin(UnitPlan plan, Runner runner) {
    return Progress.SILENT;
  }

  /**
   * The objects of an output are looked at, whose number is not known beforehand.
   *
   * @return hears of objects as units, and is closed when all were looked at
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
