package org.pointwise.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelChoice;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.TileSplit;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.Progress;
import org.pointwise.run.Runner;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.PixelSample;

/** A pass for moments with all that the command line says around it. */
final class MomentsPass implements AutoCloseable {
  /** Under which a file records how stored numbers were scaled; absent in files of 0.1.0. */
  static final String SCALING = "scaling";

  /** Under which a file records how its held-out tiles were chosen; absent where none were. */
  static final String HELD_OUT_RULE = "heldOutRule";

  /** That they were chosen as {@link TileSplit} says. */
  static final String STRATA = "strata";

  private final MomentsPlan plan;
  private final MomentsJob job;
  private final boolean quiet;
  private final PrintWriter err;
  private final long started = System.nanoTime();

  MomentsPass(MomentsPlan plan, boolean quiet, PrintWriter err) {
    this(plan, new MomentsJob(Stores.ANY, plan, Version.text()), quiet, err);
  }

  MomentsPass(MomentsPlan plan, MomentsJob job, boolean quiet, PrintWriter err) {
    this.plan = plan;
    this.job = job;
    this.quiet = quiet;
    this.err = err;
  }

  MomentsJob.Outcome run(Runner runner) {
    if (quiet) {
      return job.run(runner, Progress.SILENT, started);
    }
    print(runner.resources(), err);
    err.println("Runner    " + runner.describe() + ", " + KernelChoice.forThisJvm().reason());
    err.flush();
    try (ConsoleProgress progress = new ConsoleProgress(plan, "units")) {
      return job.run(runner, progress, started);
    }
  }

  void print(Resources resources, PrintWriter out) {
    out.printf(Locale.ROOT, "Input     %s%n", plan.input().uri());
    out.printf(
        Locale.ROOT,
        "          %s, %s of %d channels, %s, %s%n",
        plan.input().description(),
        plan.input().axes().order().stream()
            .filter(axis -> axis != Axis.C)
            .map(axis -> axis.letter() + "=" + plan.input().shape().length(axis))
            .toList(),
        plan.input().shape().c(),
        plan.input().type(),
        Sizes.text(plan.input().bytes()));
    if (plan.spec().labels() != null) {
      out.printf(Locale.ROOT, "Labels    %s%n", plan.spec().labels().uri());
    }
    String heldOut = heldOut();
    if (heldOut != null) {
      out.println(heldOut);
    }
    double flops = (double) plan.input().pixels() * plan.spec().sample().fraction();
    flops *= plan.input().shape().c() * (plan.input().shape().c() + 1.0);
    out.printf(
        Locale.ROOT,
        "Work      %d units of %d cells; %.2f GFLOP; %d tasks at once, each with at most %d MiB of the %d MiB it has%n",
        plan.unitCount(),
        plan.units().end(0),
        flops / 1e9,
        Math.min(resources.tasks(), plan.unitCount()),
        (plan.bytesPerTask() >> 20) + 1,
        resources.bytesPerTask() >> 20);
  }

  /** How many tiles are left out, for people; null where none are to be. */
  @Nullable String heldOut() {
    if (plan.spec().tiles().fraction() == 0) {
      return null;
    }
    SplitTiles tiles = plan.spec().tiles().of(plan.input());
    return String.format(
        Locale.ROOT,
        "Held out  %d of %d tiles, %.2f %%%s",
        tiles.heldOut(),
        tiles.count(),
        100.0 * tiles.heldOut() / tiles.count(),
        tiles.heldOut() > 0
            ? ""
            : ": nothing to evaluate on; cut smaller tiles by --hold-out-block");
  }

  /** What an artefact and a layer record of the pixels, the same wherever these lay. */
  Map<String, String> provenance() {
    PixelSample sample = plan.spec().sample();
    TileSplit split = plan.spec().tiles();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(MomentsCommand.IMAGES, String.valueOf(plan.input().shape().n()));
    facts.put("sample", String.valueOf(sample.fraction()));
    facts.put("heldOut", String.valueOf(split.fraction()));
    facts.put("heldOutBlock", String.valueOf(split.block()));
    facts.put(SCALING, plan.dequantisation().describeScaling(plan.input().type()));
    if (split.fraction() > 0) {
      facts.put(HELD_OUT_RULE, STRATA);
    }
    if (split.fraction() > 0 || !sample.all()) {
      facts.put("seed", String.valueOf(sample.all() ? split.seed() : sample.seed()));
    }
    return facts;
  }

  /** The report so far; {@link #finish} stores it. */
  ObjectNode report(MomentsJob.Outcome outcome, long bytesOut, long startedNanos) {
    ObjectNode report = outcome.report();
    SplitTiles tiles = plan.spec().tiles().of(plan.input());
    report
        .put("tiles", tiles.count())
        .put("heldOutTiles", tiles.heldOut())
        .put("bytesOut", bytesOut)
        .put("pixelsUsed", outcome.moments().count())
        .put("maskedPixels", outcome.moments().masked())
        .put("nonFinitePixels", outcome.moments().nonFinitePixels())
        .put("seconds", (System.nanoTime() - startedNanos) / 1e9);
    return report;
  }

  MomentsPlan plan() {
    return plan;
  }

  /** Refuses to store a result where a pass of another plan took this one for dead. */
  void requireHeld() throws IOException {
    job.requireHeld();
  }

  /** Records what the pass saw, before the moments of this digest are stored. */
  void record(String data) throws IOException {
    job.record(data);
  }

  void finish(ObjectNode report) throws IOException {
    job.finish(report);
  }

  /** Deletes all that the pass stored beside its destination. */
  void discard() throws IOException {
    job.discard();
  }

  @Override
  public void close() {
    job.close();
  }
}
