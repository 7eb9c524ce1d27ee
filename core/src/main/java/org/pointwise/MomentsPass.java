package org.pointwise;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.job.MomentsRun;
import org.pointwise.job.MomentsRun.Outcome;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.work.Progress;
import org.pointwise.work.Runner;

/** A moments pass within a job. */
final class MomentsPass {
  private final MomentsPlan plan;
  private final MomentsRun run;
  private final long started;

  /**
   * @param started when the job began, as {@link System#nanoTime}
   */
  MomentsPass(MomentsPlan plan, MomentsRun run, long started) {
    this.plan = plan;
    this.run = run;
    this.started = started;
  }

  Outcome run(Runner runner, Listener listener) {
    try (Progress progress = listener.begin(plan, runner)) {
      return run.run(runner, progress, started);
    }
  }

  /** Returns the part of the job's report that describes the pass. */
  ObjectNode report(Outcome outcome, long bytesOut) {
    ObjectNode report = outcome.report();
    HoldoutBlocks blocks = plan.spec().holdout().of(plan.input());
    report
        .put("holdoutBlocks", blocks.count())
        .put("heldOutBlocks", blocks.heldOut())
        .put("bytesOut", bytesOut)
        .put("pixelsUsed", outcome.moments().count())
        .put("maskedPixels", outcome.moments().masked())
        .put("nonFinitePixels", outcome.moments().nonFinitePixels())
        .put("seconds", (System.nanoTime() - started) / 1e9);
    return report;
  }
}
