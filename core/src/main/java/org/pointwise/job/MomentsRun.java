package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
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
 * A pass for moments from its plan to their sum: what the driver does around the units. From {@link
 * #run} to {@link #close} no pass of another plan writes to its destination, so that what is
 * learned meanwhile can be stored there. Confined to one thread.
 */
public final class MomentsRun implements AutoCloseable {
  private final MomentsPlan plan;
  private final RunFolder folder;
  private final String software;
  private final @Nullable InputChanges past;
  private @Nullable RunLock lock;

  /** A pass to which nothing is added later. */
  public MomentsRun(ByteStores stores, MomentsPlan plan, String software) {
    this(stores, plan, null, software);
  }

  /**
   * @param past what is to be as it was; {@link #record} records it anew
   * @param software version to record
   */
  public MomentsRun(
      ByteStores stores, MomentsPlan plan, @Nullable InputChanges past, String software) {
    this.past = past;
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
   * @throws org.pointwise.errors.InvalidInputException when the plan does not fit the machines
   */
  public Outcome run(Runner runner, Progress progress, long startedNanos) {
    plan.requireFits(runner.resources());
    String run = RunFolder.runName(Instant.now());
    String fingerprint = RunFolder.fingerprint(plan);
    close();
    try {
      lock = RunLock.acquire(folder, plan.destination(), run, fingerprint);
      if (past != null) {
        past.look(runner);
        past.requireSame();
      }
      if (!fingerprint.equals(folder.fingerprint())) {
        folder.deleteRuns(); // of another pass to the same destination
      }
      folder.clearSuccess();
      folder.writePlan(RunFolder.describe(plan));
      long begun = System.nanoTime();
      RunTotals totals = runner.run(plan, run, progress);
      long ended = System.nanoTime();
      if (totals.units() != plan.unitCount() - plan.firstUnit()) {
        throw new IncompleteRunException(
            "Cannot account for all units: %d of %d ended; run the same command again to continue"
                .formatted(totals.units(), plan.unitCount() - plan.firstUnit()));
      }
      requireHeld();
      FeatureMoments found = merged(runner);
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

  private FeatureMoments merged(Runner runner) throws IOException {
    MomentsMergePlan parts = plan.merging(MomentsParts.of(plan));
    return merged(runner, folder, parts, plan.driverParts(), plan.input().shape().c());
  }

  /**
   * What stored parts make together: the runner's units merge them, level by level, until the
   * driver reads few. The sum follows the binary tree over the cells, so that it is the same to the
   * bit whatever the levels.
   *
   * @param merge the first level
   * @param max parts that the driver reads, at least 1
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
   * Refuses to store a result where a pass of another plan took this one for dead.
   *
   * @throws IncompleteRunException that names it
   */
  public void requireHeld() throws IOException {
    if (lock != null) {
      lock.requireHeld();
    }
  }

  /**
   * Records what the pass saw, before the moments made of it are stored.
   *
   * @param data their digest
   */
  public void record(String data) throws IOException {
    if (past != null) {
      past.record(data);
    }
  }

  private boolean alone() throws IOException {
    return lock == null || lock.alone();
  }

  /** Removes all that the pass stored beside its destination, and {@link #close closes} it. */
  public void discard() throws IOException {
    requireHeld();
    if (alone()) {
      folder.delete();
    }
    close();
    folder.deleteUnused();
  }

  /** Lets others write to the destination. */
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }

  /** Ends the pass once its result is stored: what the units stored is deleted. */
  public void finish(ObjectNode report) throws IOException {
    requireHeld();
    if (alone()) {
      folder.store().delete(RunFolder.PARTS); // another of the same plan may still read them
    }
    folder.clean();
    folder.writeReport(report);
    folder.markSuccess();
  }
}
