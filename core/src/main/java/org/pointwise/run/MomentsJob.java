package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.MomentsFile;

/** A pass for moments from its plan to their sum: what the driver does around the units. */
public final class MomentsJob {
  private final MomentsPlan plan;
  private final RunFolder folder;
  private final String software;
  private final ByteStores stores;
  private final boolean appending;

  /**
   * @param appending whether images may be added later, so that their order is to be kept
   * @param software version to record
   */
  public MomentsJob(ByteStores stores, MomentsPlan plan, boolean appending, String software) {
    this.stores = stores;
    this.appending = appending;
    this.software = software;
    this.plan = plan;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  /** What a pass found, and what it did. */
  public record Outcome(FeatureMoments moments, ObjectNode report) {}

  /**
   * Runs to the end, or continues a pass of the same plan.
   *
   * @param startedNanos when the command began, by {@link System#nanoTime}
   */
  public Outcome run(Runner runner, Progress progress, long startedNanos) {
    String run = RunFolder.runName(Instant.now());
    String fingerprint = RunFolder.fingerprint(plan);
    try (RunLock lock = RunLock.acquire(folder, plan.destination(), run, fingerprint)) {
      if (!fingerprint.equals(folder.fingerprint())) {
        folder.delete(); // of another pass to the same destination
      }
      folder.clearSuccess();
      if (appending) {
        ImageList.record(plan.input(), plan.destination(), stores);
      }
      folder.writePlan(RunFolder.describe(plan));
      long begun = System.nanoTime();
      RunTotals totals = runner.run(plan, run, progress);
      long ended = System.nanoTime();
      if (totals.units() != plan.unitCount() - plan.firstUnit()) {
        throw new IncompleteRunException(
            "Cannot account for all units: %d of %d ended; run the same command again to continue"
                .formatted(totals.units(), plan.unitCount() - plan.firstUnit()));
      }
      lock.requireHeld();
      FeatureMoments found = merged();
      long pixelBytes = (long) plan.input().shape().c() * plan.input().type().bytes();
      RunReport.Whole whole =
          new RunReport.Whole(
              totals.pixels(),
              Math.multiplyExact(totals.pixels(), pixelBytes),
              totals.bytesOut(),
              totals.counts());
      return new Outcome(
          found, RunReport.of(plan, runner, whole, totals, startedNanos, begun, ended, software));
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException(
          "Cannot write to %s: %s; mend the cause and run the same command again to continue"
              .formatted(RunFolder.uri(plan.destination()), e),
          e);
    }
  }

  /** One unit after another, so that the driver holds few. */
  private FeatureMoments merged() throws IOException {
    MomentsTree tree = new MomentsTree();
    for (long unit = plan.firstUnit(); unit < plan.unitCount(); unit++) {
      MomentsFile.read(folder.store(), MomentsWorker.key(unit)).nodes().forEach(tree::add);
    }
    return tree.total(plan.input().shape().c());
  }

  /** Removes all that the pass stored beside its destination. */
  public void discard() throws IOException {
    folder.deleteWhole();
  }

  /** Ends the pass once its result is stored: what the units stored is deleted. */
  public void finish(ObjectNode report) throws IOException {
    folder.store().delete(RunFolder.PARTS);
    folder.clean();
    folder.writeReport(report);
    folder.markSuccess();
  }
}
