package org.pointwise.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Hierarchy;
import org.pointwise.plan.Existing;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.Progress;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.RunReport;
import org.pointwise.work.RunTotals;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A reduction from its plan to its report: the work of the driver around the units. */
public final class ReduceRun {
  private static final Logger LOG = LoggerFactory.getLogger(ReduceRun.class);

  private final ByteStores stores;
  private final ReducePlan plan;
  private final FeatureSource source;
  private final String fingerprint;
  private final String software;
  private final @Nullable SourceChange sources;
  private final ExistingOutput existingOutput;
  private final ExistingRules rules;
  private final AppendRun append;
  private final OutputMetadata metadata;
  private final @Nullable Hierarchy enclosing;
  private final @Nullable Hierarchy enclosingInPlace; // null while made in another place

  /**
   * @param source the plan's input, for its companions
   * @param sources of an append of new images; null otherwise
   * @param software version to record
   * @throws InvalidInputException if the output lies in an array or in a group of another format
   */
  public ReduceRun(
      ByteStores stores,
      ReducePlan plan,
      FeatureSource source,
      @Nullable SourceChange sources,
      String software) {
    this(stores, plan, source, sources, software, EnclosingGroups.of(plan, stores), true);
  }

  /**
   * @param enclosing the groups that enclose the place of the output in the end
   * @param inPlace whether the output already lies in that place
   */
  private ReduceRun(
      ByteStores stores,
      ReducePlan plan,
      FeatureSource source,
      @Nullable SourceChange sources,
      String software,
      @Nullable Hierarchy enclosing,
      boolean inPlace) {
    this.stores = stores;
    this.sources = sources;
    this.plan = plan;
    this.source = source;
    this.fingerprint = PlanRecord.fingerprint(plan);
    this.software = software;
    this.existingOutput = new ExistingOutput(plan.destination(), stores);
    this.rules = new ExistingRules(plan, fingerprint, existingOutput, stores);
    this.append = new AppendRun(plan, source, sources, stores);
    this.enclosing = enclosing;
    this.enclosingInPlace = inPlace ? enclosing : null;
    this.metadata = new OutputMetadata(plan, source, stores, append, software, enclosing != null);
  }

  /** Makes the complete output known to the groups that enclose it. */
  private void completeEnclosing() throws IOException {
    if (enclosingInPlace != null) {
      enclosingInPlace.complete();
    }
  }

  /**
   * Runs to the end, or continues a run of the same plan.
   *
   * @param startedNanos when the command began, by {@link System#nanoTime}
   * @return the report
   * @throws InvalidInputException if the plan does not fit the machines, or if the run is refused
   */
  public ObjectNode run(Runner runner, Existing existing, Progress progress, long startedNanos) {
    plan.requireFits(runner.resources());
    plan.spec().compressions().forEach(plan.spec().format()::requireUsable);
    RunFolder folder = RunFolder.of(plan.spec().output(), stores);
    try {
      String run = folder.nextRunName();
      rules.require(existing);
      Replacement replacement = new Replacement(plan.destination(), stores);
      // A run that moves or deletes the existing output must not share the lock.
      boolean exclusive =
          existing == Existing.OVERWRITE
              || existing == Existing.OVERWRITE_NOW
              || replacement.ready()
              || append.beginsAnew();
      String right = exclusive ? fingerprint + "-" + run : fingerprint;
      try (RunLock lock = RunLock.acquire(folder, plan.destination(), run, right)) {
        boolean exchanged = settle(existing, replacement, lock, exclusive);
        boolean isComplete = exchanged && fingerprint.equals(existingOutput.fingerprint());
        if (existing == Existing.OVERWRITE && rules.keepsExisting() && !isComplete) {
          return replace(replacement, runner, progress, startedNanos, lock);
        }
        return run(runner, existing, progress, startedNanos, folder, run, lock);
      }
    } catch (AccessDeniedException e) {
      throw new InvalidInputException(
          "Cannot write to %s: access is denied (%s); check your rights, or choose another output"
              .formatted(plan.spec().output(), e.getMessage()),
          e);
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException(
          "Cannot write to %s: %s; remove the cause and run the same command again to continue"
              .formatted(plan.spec().output(), e),
          e);
    }
  }

  /**
   * Finishes an interrupted exchange, or deletes the remains of earlier ones.
   *
   * @return whether a new output took the place of the old one
   */
  private boolean settle(
      Existing existing, Replacement replacement, RunLock lock, boolean exclusive)
      throws IOException {
    if (existing == Existing.OVERWRITE_NOW) {
      replacement.delete();
      return false;
    }
    if (!replacement.ready()) {
      replacement.deleteOld();
      return false;
    }
    if (!exclusive) { // the new output was completed after the check in run
      throw new IncompleteRunException(
          "Cannot write to %s: a new output is about to take its place; run the same command again"
              .formatted(plan.destination()));
    }
    replacement.exchange(lock);
    if (existing.appends()) {
      throw append.exchanged();
    }
    return true;
  }

  /** Makes a new output beside the existing one, or continues one, and then exchanges them. */
  private ObjectNode replace(
      Replacement replacement, Runner runner, Progress progress, long startedNanos, RunLock lock)
      throws IOException {
    replacement.requireRenames();
    if (!fingerprint.equals(replacement.fingerprint())) {
      replacement.delete(); // it belongs to another plan
    }
    ReducePlan stagedPlan = ReducePlan.of(plan.spec().withOutput(replacement.uri()), plan.input());
    ObjectNode report =
        new ReduceRun(stores, stagedPlan, source, sources, software, enclosing, false)
            .run(runner, Existing.CONTINUE, progress, startedNanos);
    replacement.exchange(lock);
    completeEnclosing();
    return report.put("output", plan.destination());
  }

  private ObjectNode run(
      Runner runner,
      Existing existing,
      Progress progress,
      long startedNanos,
      RunFolder folder,
      String run,
      RunLock lock)
      throws IOException {
    prepare(existing, folder, lock);
    NewImages added = NewImages.of(plan, folder);
    long unitsStartedNanos = System.nanoTime();
    LOG.info(
        "Run {}: shards {} to {} of {} by {}",
        run,
        plan.firstUnit(),
        plan.unitCount(),
        plan.destination(),
        runner.describe());
    RunTotals totals = runner.run(plan, run, progress);
    long ended = System.nanoTime();
    totals.requireUnits(plan.unitCount() - plan.firstUnit());
    RunReport.Whole whole = RunReport.Whole.of(plan, totals, folder);
    append.requireUnchangedInput(runner);
    lock.requireHeld();
    append.recordSources();
    metadata.write(Status.COMPLETE);
    append.end(lock);
    completeEnclosing();
    folder.clean();
    ObjectNode report =
        RunReport.of(plan, runner, whole, totals, startedNanos, unitsStartedNanos, ended, software);
    HeadRecord.putInReport(report, plan);
    added.put(report);
    whole.putUnreadable(report, plan, folder);
    LOG.info(
        "Run {} ended: {} shards written, {} already stored, {} empty, {} tasks retried",
        run,
        totals.written(),
        totals.alreadyStored(),
        totals.empty(),
        totals.retriedTasks());
    if (existing.appends()) {
      added.list(plan.input(), sources, folder);
    }
    folder.writeReport(report);
    if (lock.isExclusive()) { // other living runs still rewrite their receipt files
      ReceiptFiles.compact(folder);
    }
    folder.markSuccess();
    return report;
  }

  /**
   * Returns what a run would do with the existing output, for people; empty if there is none.
   *
   * @throws InvalidInputException if the run would be refused
   */
  public String describeExisting(Existing existing) {
    String described = rules.describe(append.beginsAnew() ? Existing.OVERWRITE_NOW : existing);
    return append.describeDropped() + described;
  }

  /**
   * Estimates the effort of a run from the measurement of a small part of the input. Writes
   * nothing.
   *
   * @param tasks tasks at once
   * @param stored fraction of the input chunks that are stored
   */
  public RunEstimate estimate(Existing existing, int tasks, double stored) {
    return new RunEstimator(plan, source, stores, rules, existing).estimate(tasks, stored);
  }

  /** Deletes what may be replaced, and writes the metadata. */
  private void prepare(Existing existing, RunFolder folder, RunLock lock) throws IOException {
    if (existing == Existing.CONTINUE || existing.appends()) {
      new RecordedMetadata(plan.destination(), stores).restore();
    }
    String recorded = rules.require(existing);
    boolean same = fingerprint.equals(recorded);
    if (existing.appends() && (!same || sources != null)) {
      append.requireUnchangedPlan();
    }
    boolean deletes = existing == Existing.OVERWRITE_NOW || append.beginsAnew();
    if (same && !deletes && existingOutput.complete() && !append.changesSources()) {
      if (existing.appends()) {
        append.recordFiles();
      }
      folder.restorePlan(append.planRecord());
      RecordedLayers.restore(plan, folder);
      return; // the output is complete until one of its shards is stored again
    }
    if (append.beginsAnew() && recorded != null) {
      existingOutput.requireNothingAdded();
    }
    folder.clearSuccess();
    if (sources == null && (existing == Existing.OVERWRITE || !folder.hasReport())) {
      folder.store().delete(RunFolder.SOURCES); // its digests may be those of other images
    }
    if (recorded != null && !deletes && existing.appends() && (!same || append.keepsImages())) {
      append.begin();
      return;
    }
    if (enclosingInPlace != null) {
      enclosingInPlace.begin(); // readers of these groups no longer see an output that is deleted
    }
    if (recorded == null && !lock.shared()) {
      folder.delete(); // remains of a deleted output
    } else if (recorded != null && deletes) {
      Deletion.run(plan.destination(), stores, lock);
    }
    if (existing.appends()) {
      append.recordFiles();
    }
    RecordedLayers.write(plan, folder);
    folder.writePlan(append.planRecord());
    metadata.write(Status.INCOMPLETE);
  }
}
