package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Units;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Offset;
import org.pointwise.work.RunFolder;
import org.pointwise.work.RunLock;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.Appending;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.SourceRecord;
import org.pointwise.work.manifest.Status;

/**
 * Changes an output on the driver for {@code reduce --append}, before and after the units of a plan
 * that {@link Append} accepted.
 *
 * <p>Until all new shards are stored, the arrays' metadata keeps the old length, so that readers
 * see the old output; {@link Appending} records the new length. The order of a folder's files is
 * stored beside the output when an append begins.
 */
final class AppendRun {
  private final ReducePlan plan;
  private final FeatureSource source;
  private final @Nullable SourceChange sources;
  private final ByteStores stores;
  private final RunFolder folder;

  /**
   * @param source the plan's input
   * @param sources of an append of new images; null otherwise
   */
  AppendRun(
      ReducePlan plan, FeatureSource source, @Nullable SourceChange sources, ByteStores stores) {
    this.plan = plan;
    this.source = source;
    this.sources = sources;
    this.stores = stores;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  /** Returns the exception for an append whose output was replaced after it was planned. */
  IncompleteRunException exchanged() {
    return new IncompleteRunException(
        "Cannot append to %s: a new output has just taken its place, as an earlier run with --overwrite began; run the same command again"
            .formatted(plan.destination()));
  }

  /**
   * Checks that no other run has appended since this append was planned.
   *
   * @throws IncompleteRunException if one has
   * @throws org.pointwise.errors.InvalidInputException if another output has taken its place
   */
  void requireUnchangedPlan() throws IOException {
    boolean same;
    if (sources == null) {
      Append now = Append.to(plan.destination(), stores);
      now.requireGrown(plan); // this may be another output
      same = Objects.equals(plan.spec().appendLayout(), now.appendLayout());
    } else {
      same = AppendNew.isAsPlanned(plan, sources, stores);
    }
    if (!same) {
      throw new IncompleteRunException(
          "Cannot append to %s: another run has changed it since this one was planned; run the same command again"
              .formatted(plan.destination()));
    }
  }

  /**
   * Records the input's files in the order of the output's images, and the sources of these. The
   * digests of images that are stored again because their input was restored are recorded by {@link
   * #recordSources} alone: until then, the stored pixels may be those from before, or those of the
   * restored input.
   */
  void recordFiles() throws IOException {
    SourceFileList.record(plan.input(), plan.destination(), stores);
    String output = plan.destination();
    if (sources != null) {
      if (sources.after().last().end() > plan.storedImages()) {
        recordSources();
      } else if (sources.appends()) {
        SourceList restoring = sources.whileStoredAgain();
        if (!restoring.matches(sources.before())) {
          restoring.write(output, stores);
        }
      }
    } else if (folder.store().size(RunFolder.SOURCES) >= 0) {
      AppendLayout layout = plan.spec().appendLayout();
      SourceList list = SourceList.read(output, stores);
      (layout == null ? list : list.startingBefore(Math.max(1, layout.completeImages())))
          .grown(plan.input().shape().n())
          .write(output, stores);
    }
  }

  /**
   * Checks that the input has not changed since its images were recognised. Called when all shards
   * are stored.
   *
   * @throws IncompleteRunException if it has
   */
  void requireUnchangedInput(Runner runner) throws IOException {
    if (sources != null && sources.appends()) {
      sources.input().requireUnchanged(plan.destination(), runner, stores);
    }
  }

  /** Records the sources of all images of the plan. Called when all their shards are stored. */
  void recordSources() throws IOException {
    if (sources != null) {
      sources.after().write(plan.destination(), stores);
    }
  }

  /** Returns the record of the plan, with the input that the output's last images come from. */
  PlanRecord planRecord() {
    PlanRecord record = PlanRecord.of(plan);
    SourceRecord last = sources == null ? null : sources.recorded();
    return last == null ? record : record.ofSource(last);
  }

  /** Likewise the record of the output. */
  OutputRecord outputRecord(Status status, String software) {
    OutputRecord record = OutputRecord.of(plan, status, software, lengthsToKeep());
    SourceRecord last = sources == null ? null : sources.recorded();
    return last == null ? record : record.ofSource(last);
  }

  /** Describes for people an unfinished append that the run drops; empty if there is none. */
  String describeDropped() {
    SourceRecord dropped = sources == null ? null : sources.dropped();
    if (dropped == null) {
      return "";
    }
    return dropped.first() >= plan.storedImages()
        ? "the unfinished append of %s of %s is dropped; "
            .formatted(Count.of(dropped.end() - dropped.first(), "image"), dropped.uri())
        : "the unfinished repair of images %d to %d of %s is dropped; "
            .formatted(dropped.first(), dropped.end() - 1, dropped.uri());
  }

  /** Returns whether an unfinished first run is deleted before the work begins. */
  boolean beginsAnew() {
    return sources != null && sources.anew();
  }

  /** Returns whether the run changes what is recorded of the sources of a complete output. */
  boolean changesSources() {
    return sources != null && sources.isChange();
  }

  /** Returns whether the output has images whose sources may be gone. */
  boolean keepsImages() {
    return plan.storedImages() > 0;
  }

  /** Records that the output grows, before the first shard is stored. */
  void begin() throws IOException {
    recordFiles();
    AppendedCompanions.keep(plan, stores);
    deletePastCounts();
    if (!RunFolder.fingerprint(plan).equals(folder.fingerprint())) {
      folder.store().delete(RunFolder.APPENDED); // what they mark may be of a dropped append
    }
    AppendLayout appendLayout = plan.spec().appendLayout();
    if (appendLayout != null && !plan.spec().format().perFile()) {
      long images = plan.input().shape().n();
      TreeSet<Long> lengths = new TreeSet<>(appendLayout.lengths());
      lengths.add(images);
      OutputRecord.reopen(
          plan.spec().format(),
          stores.open(plan.destination()),
          isComplete(appendLayout) ? Status.APPENDING : Status.INCOMPLETE,
          new Appending(images, List.copyOf(lengths)));
      deleteBeyond(lengths.last());
    }
    RecordedLayers.write(plan, folder);
    folder.writePlan(planRecord());
  }

  /**
   * Deletes the counts that no later append needs: all but those of the images before this append,
   * and of the images before a source that may be repaired.
   */
  private void deletePastCounts() throws IOException {
    Set<Long> needed = new TreeSet<>(List.of(plan.input().past()));
    if (sources != null) {
      for (SourceList list :
          List.of(sources.before(), sources.after(), sources.before().first(plan.storedImages()))) {
        if (!list.sources().isEmpty()) {
          needed.add(list.last().first());
        }
      }
    }
    for (String counts : folder.store().list(RunFolder.PAST_COUNTS)) {
      if (needed.stream().noneMatch(past -> counts.startsWith(past + "-"))) {
        folder.store().delete(RunFolder.PAST_COUNTS + "/" + counts);
      }
    }
  }

  /** Returns whether the output is complete but for the images that are appended. */
  private boolean isComplete(AppendLayout appendLayout) throws IOException {
    if (sources == null) {
      return appendLayout.completeImages() > 0;
    }
    OutputRecord record = OutputManifest.read(plan.destination(), stores).outputRecord();
    return record != null && record.status() != Status.INCOMPLETE;
  }

  /**
   * Returns the lengths of the output that stay on record although its length changes: if the kept
   * shards are not checked, their receipts are still those of a shorter input.
   */
  private List<Long> lengthsToKeep() {
    AppendLayout appendLayout = plan.spec().appendLayout();
    return appendLayout == null || plan.spec().policy().checksPast() || sources != null
        ? List.of()
        : appendLayout.lengths();
  }

  /** Deletes the objects of a dropped append that lie after the last image. */
  private void deleteBeyond(long images) throws IOException {
    FeatureShape shape = plan.input().shape();
    if (sources == null || !plan.dropsImages()) {
      return;
    }
    Units all =
        new Units.Shards(
            new Grid(images, shape.y(), shape.x(), plan.output().shard(), Offset.NONE));
    ByteStore output = RunFolder.output(plan, stores);
    List<FeatureSink> sinks = OutputSinks.sinks(plan, output, source);
    Set<String> folders = new TreeSet<>();
    for (long unit = plan.unitCount(); unit < all.count(); unit++) {
      for (FeatureSink sink : sinks) {
        for (String key : sink.keys(all.groups(unit).get(0).get(0))) {
          output.delete(key);
          folders.add(ByteStores.parent(key));
        }
      }
    }
    deleteEmpty(folders, output);
  }

  /** Deletes folders without contents, and those that contained nothing else. */
  private static void deleteEmpty(Set<String> folders, ByteStore output) throws IOException {
    Set<String> parents = new TreeSet<>();
    for (String folder : folders) {
      if (!folder.isEmpty() && output.list(folder).isEmpty()) {
        output.delete(folder);
        parents.add(ByteStores.parent(folder));
      }
    }
    if (!parents.isEmpty()) {
      deleteEmpty(parents, output);
    }
  }

  /**
   * Deletes the marks of shards that were stored again, and copies of the objects that they
   * replaced. Called after the output's metadata has the new length.
   *
   * @param lock if other runs of the same plan are alive, they may need the copies, and delete them
   */
  void end(RunLock lock) throws IOException {
    if (!lock.isExclusive()) {
      return;
    }
    ByteStore store = folder.store();
    store.delete(RunFolder.APPENDED);
    for (String images : store.list(RunFolder.PAST_OBJECTS)) {
      String past = RunFolder.PAST_OBJECTS + "/" + images;
      for (String name : store.list(past)) {
        if (name.endsWith(".json")) { // no record may outlive its copies
          store.delete(past + "/" + name);
        }
      }
    }
    store.delete(RunFolder.PAST_OBJECTS);
  }
}
