package org.pointwise.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.pointwise.conv.KernelChoice;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.Resources;
import org.pointwise.run.MomentsJob;
import org.pointwise.run.Progress;
import org.pointwise.run.RunFolder;
import org.pointwise.run.RunTotals;
import org.pointwise.run.Runner;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.PixelSample;

/** A pass for moments with all that the command line says around it. */
final class MomentsPass {
  private final MomentsPlan plan;
  private final MomentsJob job;
  private final boolean quiet;
  private final PrintWriter err;

  MomentsPass(MomentsPlan plan, boolean quiet, PrintWriter err) {
    this.plan = plan;
    this.job = new MomentsJob(Stores.ANY, plan);
    this.quiet = quiet;
    this.err = err;
  }

  /** Refuses to replace a file unless asked to. */
  static void requireFree(String uri, boolean overwrite) throws IOException {
    ByteStore store = Stores.ANY.open(ByteStores.parent(uri));
    if (!overwrite && store.size(ByteStores.name(uri)) >= 0) {
      throw new InvalidInputException(
          "Cannot write %s: it exists; use --overwrite to replace it, or another name"
              .formatted(uri));
    }
  }

  MomentsJob.Outcome run(Runner runner, Resources resources) {
    plan.requireFits(resources);
    if (quiet) {
      return job.run(runner, Progress.SILENT);
    }
    print(resources, err);
    err.println("Runner    " + runner.describe() + ", " + KernelChoice.forThisJvm().reason());
    err.flush();
    try (ConsoleProgress progress = new ConsoleProgress(plan, "units")) {
      return job.run(runner, progress);
    }
  }

  void print(Resources resources, PrintWriter out) {
    out.printf(Locale.ROOT, "Input     %s%n", plan.input().uri());
    out.printf(
        Locale.ROOT,
        "          %s, %s of %d channels, %s, %s%n",
        plan.input().format(),
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

  /** What an artefact and a layer record of the pixels, the same wherever these lay. */
  Map<String, String> provenance() {
    PixelSample sample = plan.spec().sample();
    PixelSample heldOut = plan.spec().tiles().heldOut();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("sample", String.valueOf(sample.fraction()));
    facts.put("heldOut", String.valueOf(heldOut.fraction()));
    facts.put("heldOutBlock", String.valueOf(plan.spec().tiles().block()));
    facts.put("seed", String.valueOf(sample.all() ? heldOut.seed() : sample.seed()));
    return facts;
  }

  /** The report so far; {@link #finish} stores it. */
  ObjectNode report(MomentsJob.Outcome outcome, Runner runner, long bytesOut, long startedNanos) {
    RunTotals totals = outcome.totals();
    ObjectNode report =
        JsonText.object()
            .put("status", "complete")
            .put("output", plan.destination())
            .put("input", plan.input().uri())
            .put("pixels", totals.pixels())
            .put("pixelsUsed", outcome.moments().count())
            .put("maskedPixels", outcome.moments().masked())
            .put("nonFinitePixels", outcome.moments().nonFinitePixels())
            .put("bytesIn", totals.bytesIn())
            .put("bytesRead", totals.bytesRead())
            .put("bytesOut", bytesOut)
            .put("shards", totals.units())
            .put("shardsWritten", totals.written())
            .put("shardsAlreadyThere", totals.alreadyThere())
            .put("seconds", (System.nanoTime() - startedNanos) / 1e9)
            .put("tileSeconds", totals.tileSeconds())
            .put("bytesPerTaskBound", plan.bytesPerTask())
            .put("runner", runner.describe())
            .put("kernel", KernelChoice.forThisJvm().reason())
            .put("fingerprint", RunFolder.fingerprint(plan));
    report
        .putObject("versions")
        .put("pointwise", Version.text())
        .put("java", String.valueOf(System.getProperty("java.version")));
    return report;
  }

  MomentsPlan plan() {
    return plan;
  }

  void finish(ObjectNode report) throws IOException {
    job.finish(report);
  }
}
