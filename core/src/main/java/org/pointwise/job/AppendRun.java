package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStores;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.Appending;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * What the driver does to an output for {@code reduce --append}, around the units of a plan that an
 * {@link Append} allowed.
 *
 * <p>Until all new shards are stored, the arrays' metadata keeps the old length, so that a reader
 * sees what was there before; {@link Appending} says what is coming. The order of a folder's files
 * is kept beside the output from the moment that an append begins.
 */
final class AppendRun {
  private final ReducePlan plan;
  private final ByteStores stores;
  private final RunFolder folder;

  AppendRun(ReducePlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  /** It is planned from what was there, whose place another output has taken. */
  IncompleteRunException exchanged() {
    return new IncompleteRunException(
        "Cannot append to %s: a new output has just taken its place, as an earlier run with --overwrite began; run the same command again"
            .formatted(plan.destination()));
  }

  /**
   * Refuses where another has appended since this was planned.
   *
   * @throws org.pointwise.errors.InvalidInputException where another output is there
   */
  void requireAsPlanned() throws IOException {
    Append now = Append.to(plan.destination(), stores);
    now.requireGrown(plan); // another output may have taken its place
    if (!Objects.equals(plan.spec().appendLayout(), now.appendLayout())) {
      throw new IncompleteRunException(
          "Cannot append to %s: another run has changed it since this one was planned; run the same command again"
              .formatted(plan.destination()));
    }
  }

  /** Records the input's files in the order of the output's images. */
  void recordFiles() throws IOException {
    SourceFileList.record(plan.input(), plan.destination(), stores);
  }

  /** Records that what is there grows, before the first shard is stored. */
  void begin() throws IOException {
    recordFiles();
    AppendLayout appendLayout = plan.spec().appendLayout();
    if (appendLayout != null && !plan.spec().format().perFile()) {
      long images = plan.input().shape().n();
      TreeSet<Long> lengths = new TreeSet<>(appendLayout.lengths());
      lengths.add(images);
      OutputRecord.reopen(
          plan.spec().format(),
          stores.open(plan.destination()),
          appendLayout.kept() > 0 ? Status.APPENDING : Status.INCOMPLETE,
          new Appending(images, List.copyOf(lengths)));
    }
    RecordedLayers.write(plan, stores);
    folder.writePlan(PlanRecord.of(plan));
  }

  /**
   * Lengths that a new length of the output does not settle: receipts of what was not looked at are
   * still those of a shorter input.
   */
  List<Long> unsettledLengths() {
    AppendLayout appendLayout = plan.spec().appendLayout();
    return appendLayout == null || plan.spec().policy().past() ? List.of() : appendLayout.lengths();
  }

  /** Forgets which shards were stored again, once the output says its new length. */
  void end() throws IOException {
    folder.store().delete(RunFolder.APPENDED);
  }
}
