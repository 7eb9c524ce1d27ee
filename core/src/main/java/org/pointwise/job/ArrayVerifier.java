package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.format.ObjectChecker.Finding;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredState;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.work.Progress;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;
import org.pointwise.work.UnitResultCache;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * Verifies the arrays of an output, object by object, on a {@link Runner}. Deletes damaged and
 * left-over objects if requested.
 */
final class ArrayVerifier {
  /** Heap for the parts of an object that are being read, and for a unit's result. */
  private static final long OVERHEAD_BYTES = 16L << 20;

  private final String output;
  private final OutputFormat format;
  private final RunFolder folder;
  private final ByteStores stores;
  private final Runner runner;
  private final boolean deep;
  private final boolean delete;
  private final boolean continued;

  ArrayVerifier(
      String output,
      OutputFormat format,
      RunFolder folder,
      ByteStores stores,
      Runner runner,
      boolean deep,
      boolean delete,
      boolean continued) {
    this.output = output;
    this.format = format;
    this.folder = folder;
    this.stores = stores;
    this.runner = runner;
    this.deep = deep;
    this.delete = delete;
    this.continued = continued;
  }

  /**
   * Verifies all arrays and adds the findings to {@code findings}.
   *
   * @param record the record in the output's attributes
   * @param plan the plan in the run folder; null if there is none
   */
  void verify(
      OutputRecord record,
      @Nullable PlanRecord plan,
      VerificationFindings findings,
      Progress progress)
      throws IOException {
    noteRuns(record, plan, findings);
    ByteStore store = stores.open(output);
    Axes axes = record.axes();
    List<String> names = new ArrayList<>();
    record.heads().forEach(head -> names.add(head.name()));
    if (names.isEmpty()) {
      findings.addProblem("its attributes name no arrays: run the same command again");
    }
    long images = record.appending().images();
    long count = 0;
    Map<String, Long> bytes = new HashMap<>(); // needed by a task, by array
    for (String name : List.copyOf(names)) {
      StoredArray array = format.array(store, name, axes);
      if (array == null) {
        findings.addProblem("no array " + name);
        names.remove(name);
        continue;
      }
      requirePlanned(name, array, plan, findings);
      images = Math.max(images, array.shape().n());
      if (!isCountable(array, images)) {
        findings.addProblem(
            "its attributes state that %d images are being appended, which are more objects than are supported: run %s again"
                .formatted(images, findings.command()));
        images = array.shape().n();
      }
      ObjectChecker check = array.check(images);
      count = Math.max(count, check.objects().count());
      bytes.put(name, check.heapBytes() + OVERHEAD_BYTES);
    }
    if (names.isEmpty()) {
      return;
    }
    ReceiptIndex.OfGrid receipts =
        ReceiptFiles.grid(folder, record.lineage(), names, Math.toIntExact(count));
    findings.addBadPixels(receipts.badPixels());
    List<VerificationPlan> plans = plans(names, axes, images, count, bytes);
    if (!continued) {
      UnitResultCache.delete(output, stores); // a new verification uses no earlier results
    }
    for (VerificationPlan part : plans) {
      examine(part, receipts, names.indexOf(part.array()), findings, progress);
    }
    UnitResultCache.delete(output, stores);
    if (delete && findings.hasDeletable()) {
      folder.clearSuccess();
      OutputRecord.reopen(format, store);
      for (VerificationPlan part : plans) {
        delete(part, receipts, names.indexOf(part.array()), findings, progress);
      }
    }
  }

  /** Returns whether an {@code int} can number the objects of an array of this many images. */
  private static boolean isCountable(StoredArray array, long images) {
    try {
      return array.check(images).objects().count() <= Integer.MAX_VALUE;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  /** Adds a problem if a run did not end. */
  private void noteRuns(
      OutputRecord record, @Nullable PlanRecord plan, VerificationFindings findings)
      throws IOException {
    if (record.status() != Status.COMPLETE) {
      findings.addUnfinished("the run did not end: run the same command again to continue");
    }
    if (plan != null && record.status() == Status.COMPLETE && !folder.succeeded()) {
      findings.addUnfinished("the last run did not end: run the same command again to continue");
    }
  }

  /** Returns plans that together cover all objects. Each fits into memory. */
  private List<VerificationPlan> plans(
      List<String> names, Axes axes, long images, long count, Map<String, Long> bytes) {
    List<VerificationPlan> plans = new ArrayList<>();
    for (String name : names) {
      for (long first = 0; first < count; first += VerificationPlan.MAX_OBJECTS) {
        long objects = Math.min(VerificationPlan.MAX_OBJECTS, count - first);
        VerificationPlan part =
            new VerificationPlan(
                format.name(),
                output,
                name,
                axes,
                images,
                first,
                objects,
                deep,
                false,
                Objects.requireNonNull(bytes.get(name)));
        part.requireFits(runner.resources()); // check all plans before the first runs
        plans.add(part);
      }
    }
    return plans;
  }

  /**
   * Compares the metadata by which readers decode the objects with the plan that stored them. Adds
   * a problem if they differ.
   */
  private static void requirePlanned(
      String name, StoredArray array, @Nullable PlanRecord plan, VerificationFindings findings) {
    String stored =
        "%s in chunks of %s, objects of %s"
            .formatted(array.type(), array.layout().chunk(), array.layout().object());
    String planned = plan == null ? stored : plan.layout();
    if (!stored.equals(planned)) {
      findings.addProblem(
          "the metadata of %s has %s but the plan has %s".formatted(name, stored, planned));
    }
  }

  private void examine(
      VerificationPlan plan,
      ReceiptIndex.OfGrid receipts,
      int array,
      VerificationFindings findings,
      Progress progress)
      throws IOException {
    ObjectChecker check = VerificationWorker.check(plan, stores);
    double[] numbers = runPlan(plan, receipts, array, progress);
    for (StoredState state : StoredState.values()) {
      findings.count(state, (long) numbers[state.ordinal()]);
    }
    for (int i = VerificationPlan.COUNTS; i < numbers.length && findings.acceptsNames(); i += 2) {
      long ordinal = (long) numbers[i];
      if ((int) numbers[i + 1] == StoredState.LEFT_OVER.ordinal()) {
        check.leftOvers(ordinal).forEach(key -> findings.addObject(StoredState.LEFT_OVER, key, ""));
      } else {
        // Checked again for its description; the object may have changed meanwhile.
        Expected expected = receipts.expected(array, (int) ordinal);
        Finding recheck = check.check(ordinal, expected, deep);
        boolean isExpected = recheck.state() == StoredState.NEVER_WRITTEN && expected.bytes() <= 0;
        if (!isExpected || !findings.unfinished()) {
          findings.addObject(recheck.state(), check.key(ordinal), recheck.detail());
        }
      }
    }
  }

  private void delete(
      VerificationPlan plan,
      ReceiptIndex.OfGrid receipts,
      int array,
      VerificationFindings findings,
      Progress progress) {
    VerificationPlan deleting =
        new VerificationPlan(
            plan.format(),
            plan.output(),
            plan.array(),
            plan.axes(),
            plan.images(),
            plan.first(),
            plan.count(),
            deep,
            true,
            plan.bytesPerTask());
    double[] numbers = runPlan(deleting, receipts, array, progress);
    findings.addDeleted((long) numbers[VerificationPlan.COUNTS - 1]);
  }

  private double[] runPlan(
      VerificationPlan plan, ReceiptIndex.OfGrid receipts, int array, Progress progress) {
    double[] parameters =
        new double[Math.toIntExact(VerificationWorker.NUMBERS_PER_OBJECT * plan.count())];
    for (int i = 0; i < plan.count(); i++) {
      VerificationWorker.put(receipts.expected(array, (int) plan.first() + i), parameters, i);
    }
    try (Runner.Session session = runner.open(plan)) {
      return session.sum(parameters, progress);
    }
  }
}
