package org.pointwise.work;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Objects;
import org.pointwise.conv.KernelProvider;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.StoringPlan;
import org.pointwise.store.JsonText;
import org.pointwise.work.manifest.PlanRecord;

/** Makes the part of a report that all passes over units share. */
public final class RunReport {
  private RunReport() {}

  /**
   * The totals of an output after a run, over the units of all runs.
   *
   * @param pixels pixels that the units of all runs processed
   * @param bytesIn decoded input bytes of these pixels
   * @param bytesOut stored bytes
   * @param counts counts of all units
   */
  public record Whole(long pixels, long bytesIn, long bytesOut, UnitCounts counts) {
    /** Adds the shards that a run processed and the unchanged shards before them. */
    public static Whole of(ReducePlan plan, RunTotals totals, RunFolder folder) throws IOException {
      long bytesOut = totals.bytesOut();
      UnitCounts counts = totals.counts();
      ReceiptIndex receipts = plan.firstUnit() == 0 ? null : ReceiptFiles.read(plan, folder);
      for (long unit = 0; receipts != null && unit < plan.firstUnit(); unit++) {
        counts = counts.plus(receipts.counts(unit));
        for (int head = 0; head < plan.spec().heads().size(); head++) {
          bytesOut += Math.max(0, receipts.expected(unit, head, "").bytes());
        }
      }
      return new Whole(plan.input().pixels(), plan.input().bytes(), bytesOut, counts);
    }

    /** Adds to a report why input chunks could not be decoded. */
    public void putUnreadable(ObjectNode report, ReducePlan plan, RunFolder folder)
        throws IOException {
      if (counts.bad() > 0) {
        ArrayNode lines = report.putArray("unreadable");
        ReceiptFiles.read(plan, folder).unreadable().forEach(lines::add);
      }
    }
  }

  /**
   * The report: totals of the output, work of this run, and its speed.
   *
   * @param whole totals of the output, including this run
   * @param totals totals of this run
   * @param startedNanos start of the command, by {@link System#nanoTime}
   * @param unitsStartedNanos start of the first unit, likewise
   * @param unitsEndedNanos end of the last unit, likewise
   * @param software version of this software
   */
  public static ObjectNode of(
      StoringPlan plan,
      Runner runner,
      Whole whole,
      RunTotals totals,
      long startedNanos,
      long unitsStartedNanos,
      long unitsEndedNanos,
      String software) {
    long now = System.nanoTime();
    double seconds = (now - startedNanos) / 1e9;
    double tileSeconds = totals.tileSeconds();
    long kept = plan.firstUnit();
    ObjectNode report =
        JsonText.object()
            .put("status", "complete")
            .put("output", plan.destination())
            .put("input", plan.input().uri())
            .put("pixels", whole.pixels())
            .put("bytesIn", whole.bytesIn())
            .put("bytesOut", whole.bytesOut())
            .put("shards", kept + totals.units())
            .put("shardsWritten", totals.written())
            .put("shardsAlreadyThere", kept + totals.alreadyStored())
            .put("shardsEmpty", totals.empty())
            .put("maskedPixels", whole.counts().masked())
            .put("badPixels", whole.counts().bad())
            .put("nonFinitePixels", whole.counts().nonFinite())
            .put("overflowedValues", whole.counts().overflowed())
            .put("missingChunks", whole.counts().missingChunks())
            .put("retriedTasks", totals.retriedTasks())
            .put("seconds", seconds)
            .put("tileSeconds", tileSeconds)
            .put("completedAt", java.time.Instant.now().toString());
    report
        .putObject("thisRun")
        .put("pixels", totals.computedPixels())
        .put("bytesIn", totals.bytesIn())
        .put("bytesRead", totals.bytesRead())
        .put("bytesOut", totals.computedBytesOut())
        .put("chunks", totals.chunks());
    report
        .putObject("phases")
        .put("plan", (unitsStartedNanos - startedNanos) / 1e9)
        .put("units", (unitsEndedNanos - unitsStartedNanos) / 1e9)
        .put("finish", (now - unitsEndedNanos) / 1e9);
    double busy = totals.busySeconds();
    double cores = runner.tasks();
    report
        .putObject("tasks")
        .put("atOnce", runner.tasks())
        .put("withoutSimd", totals.plainTasks())
        .put("busySeconds", busy)
        .put("readSeconds", totals.readSeconds())
        .put("storeSeconds", totals.storeSeconds())
        .put("computeSeconds", busy - totals.readSeconds() - totals.storeSeconds())
        .put("utilisation", tileSeconds == 0 ? 0 : Math.min(1, busy / (tileSeconds * cores)))
        .put("pixelsPerSecondPerCore", busy == 0 ? 0 : totals.computedPixels() / busy);
    report
        .putObject("memory")
        .put("tasksPerProcess", runner.tasksPerProcess())
        .put("boundBytesPerTask", plan.bytesPerTask())
        .put("boundBytes", plan.bytesPerTask() * runner.tasksPerProcess())
        .put("nativeBoundBytes", plan.nativeBytesPerTask() * runner.tasksPerProcess())
        .put("liveHeapBytes", totals.liveHeapBytes())
        .put("peakResidentBytes", totals.residentBytes());
    report
        .put("runner", runner.describe())
        .put("kernel", KernelProvider.forThisJvm().reason())
        .put("fingerprint", PlanRecord.fingerprint(plan));
    ObjectNode versions =
        report
            .putObject("versions")
            .put("pointwise", software)
            .put("java", Objects.requireNonNull(System.getProperty("java.version")));
    OutputFormats.libraries().forEach(versions::put);
    runner.versions().forEach(versions::put);
    return report;
  }
}
