package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.InputVersion;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.SharedReceiptIndex;
import org.pointwise.work.UnitCounts;
import org.pointwise.work.manifest.PlanRecord;

/** Finds the units of a reduction that a previous run completed. Confined to one thread. */
final class CompletedUnits {
  private final ReducePlan plan;
  private final FeatureSource source;
  private final List<FeatureSink> sinks;
  private final ByteStore output;
  private final ByteStore folder;
  private final String append; // prefix of this append's marks
  private final SharedReceiptIndex runs;
  private final RecordedObjects compared;
  private boolean complete; // whether _SUCCESS exists; false once an object is replaced
  private @Nullable Set<String> damaged; // objects of the input with undecodable chunks

  /**
   * @param source the plan's input
   * @param sinks one per head
   * @param output the store that the sinks write to
   */
  CompletedUnits(
      ReducePlan plan,
      FeatureSource source,
      List<FeatureSink> sinks,
      ByteStore output,
      ByteStores stores,
      SharedReceiptIndex runs)
      throws IOException {
    this.plan = plan;
    this.source = source;
    this.sinks = sinks;
    this.output = output;
    this.compared = new RecordedObjects(output);
    this.folder = RunFolder.of(plan.destination(), stores).store();
    this.append = PlanRecord.fingerprint(plan).substring(0, 12);
    this.runs = runs;
    this.complete = folder.size(RunFolder.SUCCESS) >= 0;
  }

  /**
   * A unit that a previous run completed.
   *
   * @param counts as that run recorded them
   * @param sameInput whether nothing is to be recorded, because that run recorded exactly this
   *     input or left no receipt
   */
  record Done(List<StoredObject> objects, UnitCounts counts, boolean sameInput) {}

  /**
   * Finds a unit that needs no work: a previous run stored its objects, its input has not changed
   * since, and all of the input could be decoded.
   *
   * @return null if the unit must be computed
   * @throws InvalidInputException if its input has changed and the plan refuses that
   */
  @Nullable Done find(long ordinal, List<List<Box>> groups, InputVersion inputs)
      throws IOException {
    ReceiptIndex receipts = runs.objects();
    boolean kept = ordinal < plan.keptUnits();
    if (kept && (receipts == null || recordedBoxes(ordinal, groups, receipts).isEmpty())) {
      List<StoredObject> objects = storedObjects(groups); // there is no receipt to compare with
      return objects == null ? null : new Done(objects, UnitCounts.NONE, true);
    }
    if (receipts == null || !isUpToDate(ordinal, groups, receipts, inputs)) {
      return null;
    }
    List<StoredObject> objects =
        recordedObjects(
            ordinal, groups, receipts, kept ? compared::ifSameLength : compared::ifSameHash);
    boolean sameInput = receipts.inputs(ordinal).digest() == inputs.digest();
    return objects == null ? null : new Done(objects, receipts.counts(ordinal), sameInput);
  }

  /**
   * Returns whether a previous run completed a unit, as far as its receipt and the lengths of its
   * objects show. Reads neither the objects nor the status of the input.
   */
  boolean appearsComplete(long ordinal, List<List<Box>> groups) throws IOException {
    ReceiptIndex receipts = runs.objects();
    boolean kept = ordinal < plan.keptUnits();
    if (receipts == null || (kept && recordedBoxes(ordinal, groups, receipts).isEmpty())) {
      return kept && storedObjects(groups) != null;
    }
    return receipts.counts(ordinal).bad() == 0
        && !lacksImages(ordinal, groups)
        && recordedObjects(
                ordinal,
                groups,
                receipts,
                kept ? compared::ifSameLength : compared::ifSameLengthHashed)
            != null;
  }

  private boolean isUpToDate(
      long ordinal, List<List<Box>> groups, ReceiptIndex receipts, InputVersion inputs)
      throws IOException {
    if (receipts.counts(ordinal).bad() > 0) {
      return false; // undecodable input may have been restored
    }
    return !lacksImages(ordinal, groups) && !changed(ordinal, groups, receipts, inputs);
  }

  /** Returns whether the stored objects of a unit may lack new images. */
  private boolean lacksImages(long ordinal, List<List<Box>> groups) throws IOException {
    return ordinal >= plan.keptUnits()
        && ((mayBeOfOtherAppend(groups) && !complete) || mayLackImages(groups))
        && folder.size(appendedKey(ordinal)) < 0;
  }

  /**
   * Returns whether the input of a unit has changed since a previous run computed the unit.
   *
   * @throws InvalidInputException if it has and the plan refuses that
   */
  private boolean changed(
      long ordinal, List<List<Box>> groups, ReceiptIndex receipts, InputVersion inputs)
      throws IOException {
    ChangedInput changedInput = plan.spec().policy().changedInput();
    ReceiptIndex.Inputs recorded = receipts.inputs(ordinal);
    if (recorded.digest() == 0) {
      return changedInput == ChangedInput.RECOMPUTE;
    }
    List<List<Box>> recordedBoxes = recordedBoxes(ordinal, groups, receipts);
    boolean hasGrown = !recordedBoxes.equals(groups); // the last unit gained files
    if (inputs.matches(recorded, changedInput)
        || (hasGrown && InputVersion.of(source, recordedBoxes).matches(recorded, changedInput))) {
      return false;
    }
    if (plan.input().past() == 0 // otherwise no image was added to the input
        && recordedBoxes.stream().flatMap(List::stream).anyMatch(this::mayHaveGrown)) {
      return false;
    }
    if (changedInput == ChangedInput.RECOMPUTE || holdsRestored(inputs, receipts)) {
      return true;
    }
    throw new InvalidInputException(
        "Cannot continue %s: the input of shard %d changed after an earlier run had computed it: %s; restore it, use --overwrite to compute all again%s"
            .formatted(
                plan.destination(),
                ordinal,
                inputs.describe(),
                inputs.hasLengths(recorded.lengths())
                    ? ", or --ignore-modification-times where only times changed"
                    : "; lengths or the set of objects changed, and not only times"));
  }

  /**
   * Returns whether one of the objects had chunks that could not be decoded. The object may have
   * been restored since.
   */
  private boolean holdsRestored(InputVersion inputs, ReceiptIndex receipts) {
    if (damaged == null) {
      damaged = new HashSet<>();
      for (long unit : receipts.badUnits()) {
        for (List<Box> group : plan.units().groups(unit)) {
          group.forEach(
              box ->
                  source
                      .objects(box)
                      .forEach(key -> damaged.add(source.store().uri() + "/" + key)));
        }
      }
    }
    return !Collections.disjoint(damaged, inputs.objects());
  }

  private boolean mayHaveGrown(Box box) {
    return plan.mayHaveGrown(box, source.object());
  }

  /** Returns the boxes whose objects a previous run recorded. */
  private List<List<Box>> recordedBoxes(
      long ordinal, List<List<Box>> groups, ReceiptIndex receipts) {
    return groups.stream()
        .map(
            group ->
                group.stream()
                    .filter(
                        box ->
                            receipts.expected(ordinal, 0, sinks.get(0).keys(box).get(0)).bytes()
                                != ObjectChecker.UNKNOWN)
                    .toList())
        .filter(group -> !group.isEmpty())
        .toList();
  }

  /** Returns the objects of a unit as they are stored; null if one of them does not exist. */
  private @Nullable List<StoredObject> storedObjects(List<List<Box>> groups) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      for (Box box : group) {
        for (FeatureSink sink : sinks) {
          for (String key : sink.keys(box)) {
            long bytes = output.size(key);
            if (bytes < 0) {
              return null;
            }
            objects.add(new StoredObject(key, bytes, null));
          }
        }
      }
    }
    return objects;
  }

  /**
   * Returns the objects of a unit as a previous run recorded them.
   *
   * @param comparison compares an object; for objects that an append keeps, only the length
   * @return null if one of them is not stored as recorded
   */
  private @Nullable List<StoredObject> recordedObjects(
      long ordinal,
      List<List<Box>> groups,
      ReceiptIndex receipts,
      RecordedObjects.Comparison comparison)
      throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      for (Box box : group) {
        for (int head = 0; head < sinks.size(); head++) {
          for (String key : sinks.get(head).keys(box)) {
            Expected expected = receipts.expected(ordinal, head, key);
            StoredObject object = comparison.find(key, expected);
            if (object == null) {
              return null;
            }
            objects.add(object);
          }
        }
      }
    }
    return objects;
  }

  /**
   * Deletes {@code _SUCCESS} if the output was complete when this worker began, so that the output
   * no longer counts as complete. Called before one of its objects is replaced.
   */
  void markIncomplete() throws IOException {
    if (complete) {
      folder.delete(RunFolder.SUCCESS);
      complete = false;
    }
  }

  private String appendedKey(long ordinal) {
    return "%s/%s-%d".formatted(RunFolder.APPENDED, append, ordinal);
  }

  /** Returns whether another append, such as one that was dropped, may have stored the objects. */
  private boolean mayBeOfOtherAppend(List<List<Box>> groups) {
    return plan.input().past() > 0
        || groups.stream().flatMap(List::stream).anyMatch(plan::mayHoldDropped);
  }

  private boolean mayLackImages(List<List<Box>> groups) {
    return groups.stream().flatMap(List::stream).anyMatch(plan::mayLackImages);
  }

  /** Records that a unit that may have lacked images now has them. */
  void markAppended(long ordinal, List<List<Box>> groups) throws IOException {
    if (mayBeOfOtherAppend(groups) || mayLackImages(groups)) {
      folder.put(appendedKey(ordinal), new byte[0]);
    }
  }
}
