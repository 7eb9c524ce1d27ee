package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.plan.MomentsMergePlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.RunReport;
import org.pointwise.work.RunTotals;
import org.pointwise.work.Runner;

/**
 * A moments pass from its plan to the total: the work of the driver around the units. From {@link
 * #run} to {@link #close}, no pass of another plan writes to the destination, so that results
 * learned from the moments can be stored there. Confined to one thread.
 */
public final class MomentsRun implements AutoCloseable {
  private final MomentsPlan plan;
  private final RunFolder folder;
  private final String software;
  private final @Nullable InputChanges past;
  private @Nullable RunLock lock;

  /** Makes a pass to which no later pass adds. */
  public MomentsRun(ByteStores stores, MomentsPlan plan, String software) {
    this(stores, plan, null, software);
  }

  /**
   * @param past checks that past input is unchanged; {@link #record} records the present input
   * @param software version to record
   */
  public MomentsRun(
      ByteStores stores, MomentsPlan plan, @Nullable InputChanges past, String software) {
    this.past = past;
    this.software = software;
    this.plan = plan;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  /** The moments that a pass computed, and its report. */
  public record Outcome(FeatureMoments moments, ObjectNode report) {}

  /**
   * Runs to the end, or continues a pass of the same plan.
   *
   * @param startedNanos when the command began, by {@link System#nanoTime}
   * @throws org.pointwise.errors.InvalidInputException if the plan does not fit the machines
   */
  public Outcome run(Runner runner, Progress progress, long startedNanos) {
    plan.requireFits(runner.resources());
    String run = RunFolder.runName(Instant.now());
    String fingerprint = RunFolder.fingerprint(plan);
    close();
    try {
      lock = RunLock.acquire(folder, plan.destination(), run, fingerprint);
      if (past != null) {
        past.readStatuses(runner);
        past.requireUnchanged();
      }
      if (!fingerprint.equals(folder.fingerprint())) {
        folder.deleteRuns(); // of another pass to the same destination
      }
      folder.clearSuccess();
      folder.writePlan(RunFolder.describe(plan));
      long unitsStartedNanos = System.nanoTime();
      RunTotals totals = runner.run(plan, run, progress);
      long ended = System.nanoTime();
      if (totals.units() != plan.unitCount() - plan.firstUnit()) {
        throw new IncompleteRunException(
            "Cannot account for all units: %d of %d ended; run the same command again to continue"
                .formatted(totals.units(), plan.unitCount() - plan.firstUnit()));
      }
      requireHeld();
      FeatureMoments merged = merged(runner);
      long pixelBytes = (long) plan.input().shape().c() * plan.input().type().bytes();
      RunReport.Whole whole =
          new RunReport.Whole(
              totals.pixels(),
              Math.multiplyExact(totals.pixels(), pixelBytes),
              totals.bytesOut(),
              totals.counts());
      return new Outcome(
          merged,
          RunReport.of(
              plan, runner, whole, totals, startedNanos, unitsStartedNanos, ended, software));
    } catch (AccessDeniedException e) {
      throw new InvalidInputException(
          "Cannot write to %s: access is denied (%s); check your rights, or choose another output"
              .formatted(RunFolder.uri(plan.destination()), e.getMessage()),
          e);
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException(
          "Cannot write to %s: %s; remove the cause and run the same command again to continue"
              .formatted(RunFolder.uri(plan.destination()), e),
          e);
    }
  }

  private FeatureMoments merged(Runner runner) throws IOException {
    MomentsMergePlan parts = plan.merging(MomentsParts.of(plan));
    return merged(runner, folder, parts, plan.driverParts(), plan.input().shape().c());
  }

  /**
   * Returns the total of stored parts. The runner's units merge them, level by level, until the
   * driver has few to read. The sum follows the binary tree over the tiles, so that it is
   * bit-identical for any number of levels.
   *
   * @param merge the first level
   * @param max number of parts that the driver reads at most; at least 1
   */
  static FeatureMoments merged(
      Runner runner, RunFolder folder, MomentsMergePlan merge, long max, int channels)
      throws IOException {
    MomentsMergePlan next = merge;
    while (next.end() - next.first() > max) {
      try (Runner.Session session = runner.open(next)) {
        session.sum(new double[0], Progress.SILENT);
      }
      next = next.above();
    }
    MomentsTree tree = new MomentsTree();
    for (long part = next.first(); part < next.end(); part++) {
      String key = MomentsParts.key(next.parts(), next.level() - 1, part);
      MomentsParts.read(folder.store(), key).nodes().forEach(tree::add);
    }
    return tree.total(channels);
  }

  /**
   * Checks, before a result is stored, that no pass of another plan took this one for dead.
   *
   * @throws IncompleteRunException that names the other pass
   */
  public void requireHeld() throws IOException {
    if (lock != null) {
      lock.requireHeld();
    }
  }

  /**
   * Records the input of the pass, before the moments computed from it are stored.
   *
   * @param data digest of the moments
   */
  public void record(String data) throws IOException {
    if (past != null) {
      past.record(data);
    }
  }

  /** Returns the URI of the run folder. */
  public String folder() {
    return folder.store().uri();
  }

  /** Returns whether no other run writes to the destination. */
  public boolean isExclusive() throws IOException {
    return lock == null || lock.isExclusive();
  }

  /**
   * Deletes all that the pass stored beside its destination, unless another run shares it, and
   * {@link #close closes} the pass.
   */
  public void discard() throws IOException {
    requireHeld();
    if (isExclusive()) {
      folder.delete();
    }
    close();
    folder.deleteUnused();
  }

  /** Allows other passes to write to the destination. */
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  /** Ends the pass after its result is stored: deletes the parts that the units stored. */
  public void finish(ObjectNode report) throws IOException {
    requireHeld();
    if (isExclusive()) { // another run of the same plan may still read the parts
      folder.store().delete(RunFolder.PARTS);
    }
    folder.clean();
    folder.writeReport(report);
    folder.markSuccess();
  }
}
