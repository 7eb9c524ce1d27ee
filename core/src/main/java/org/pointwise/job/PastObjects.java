package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSink;
import org.pointwise.format.FeatureSink.StoredObject;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.plan.ReducePlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.RelocatedStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.SharedReceiptIndex;

/**
 * The objects of an output's stored images, whose sources may be gone. Before an append replaces
 * one of them, because it will also hold new images or because its input was restored, the object
 * is copied to the run folder ({@link PastCopies}), where it stays until the append has ended. A
 * later run restores it if the append is dropped. Confined to one thread.
 */
final class PastObjects {
  private final ReducePlan plan;
  private final List<FeatureSink> sinks;
  private final ByteStore output;
  private final ByteStores stores;
  private final SharedReceiptIndex runs;
  private final RecordedObjects stored;
  private final PastCopies copies;

  PastObjects(
      ReducePlan plan,
      List<FeatureSink> sinks,
      ByteStore output,
      ByteStores stores,
      SharedReceiptIndex runs) {
    this.plan = plan;
    this.sinks = sinks;
    this.output = output;
    this.stores = stores;
    this.runs = runs;
    this.stored = new RecordedObjects(output);
    this.copies = new PastCopies(plan, output, stores);
  }

  /** Returns whether a unit has no image that the plan can read. */
  boolean isPast(List<List<Box>> groups) {
    return groups.stream().flatMap(List::stream).allMatch(box -> box.n1() <= plan.input().past());
  }

  /** Returns whether a box has both images that the plan can read and others. */
  boolean straddles(Box box) {
    return box.n0() < plan.input().past() && plan.input().past() < box.n1();
  }

  /** Returns whether a box has images that the output had before the append. */
  boolean holdsStored(Box box) {
    return straddles(box) || box.n0() < plan.storedImages();
  }

  /**
   * The objects of a unit that {@link #isPast}.
   *
   * @param restored whether they are copies that the run has put in the place of other objects, so
   *     that a receipt must record them
   */
  record Found(List<StoredObject> objects, PastCounts counts, boolean restored) {}

  /**
   * Finds the objects of a unit that {@link #isPast}. Compares lengths; if an append that has not
   * ended replaced them, contents. Restores objects that are not as they were before that append.
   *
   * @throws IncompleteRunException if one of them is not stored as recorded
   */
  Found require(long ordinal, List<List<Box>> groups) throws IOException {
    ReceiptIndex receipts = runs.objects();
    PastCopies.Copied copied = copies.of(ordinal);
    boolean longer = copied != null && copied.end() > plan.storedImages();
    List<StoredObject> objects = new ArrayList<>();
    for (List<Box> group : groups) {
      for (Box box : group) {
        int head = 0;
        for (String key : keys(box)) {
          Expected expected = expected(receipts, ordinal, head++, key);
          PastCopies.Copy copy = copied == null ? null : copied.objects().get(key);
          if (copy == null) {
            objects.add(requireStored(key, box, expected));
          } else if (longer) { // the receipt may be that of the object with further images
            objects.add(copies.restore(key, copy));
          } else if (!isStored(key, expected)) {
            objects.add(requireRecorded(copies.restore(key, copy), box, expected));
          } else {
            objects.add(new StoredObject(key, expected.bytes(), null));
          }
        }
      }
    }
    return copied != null && longer
        ? new Found(objects, copied.counts(), true)
        : new Found(objects, PastCounts.of(receipts, ordinal), false);
  }

  private boolean isStored(String key, Expected expected) throws IOException {
    return expected.bytes() == 0 ? output.size(key) < 0 : stored.ifSameHash(key, expected) != null;
  }

  private StoredObject requireStored(String key, Box box, Expected expected) throws IOException {
    long expectedBytes = expected.bytes();
    long actualBytes = expectedBytes == 0 ? 0 : output.size(key);
    if (actualBytes < 0
        || (expectedBytes != ObjectChecker.UNKNOWN && actualBytes != expectedBytes)) {
      throw damaged(
          key,
          box,
          actualBytes < 0
              ? "is missing"
              : "has %d bytes instead of %d".formatted(actualBytes, expectedBytes));
    }
    return new StoredObject(key, actualBytes, null);
  }

  private StoredObject requireRecorded(StoredObject restored, Box box, Expected expected) {
    String problem = PastCopies.problem(expected, restored.bytes(), restored.sha256());
    if (!problem.isEmpty()) {
      throw damaged(restored.key(), box, problem);
    }
    return restored;
  }

  private List<String> keys(Box box) {
    return sinks.stream().map(sink -> sink.keys(box).get(0)).toList();
  }

  private static Expected expected(
      @Nullable ReceiptIndex receipts, long ordinal, int head, String key) {
    return receipts == null ? Expected.UNRECORDED : receipts.expected(ordinal, head, key);
  }

  private IncompleteRunException damaged(String key, Box box, String problem) {
    return new IncompleteRunException(
        "Cannot append to %s: its object %s with images %d to %d %s; put the object of a copy of the output in its place, or, if all these are images of the latest stored INPUT, append that again with --drop-unfinished; without a copy, only --overwrite makes images of earlier inputs again"
            .formatted(plan.destination(), key, box.n0(), box.n1() - 1, problem));
  }

  /**
   * The state of a unit before the append.
   *
   * @param stores the output's arrays with the objects as they were
   * @param counts of the images that the plan cannot read
   */
  record Kept(ByteStores stores, PastCounts counts) {}

  /**
   * Copies the objects of a box that {@link #holdsStored} and is about to be replaced, unless the
   * copies exist.
   *
   * @return null if the plan can read all images of the box
   * @throws IncompleteRunException if an object with images that the plan cannot read is not stored
   *     as recorded
   */
  @Nullable Kept keep(long ordinal, Box box) throws IOException {
    PastCopies.Copied copied = copies.of(ordinal);
    if (copied == null || copied.end() <= plan.storedImages() || !copies.areWhole(copied)) {
      copied = copy(ordinal, box, copied);
    }
    if (!straddles(box)) {
      return null;
    }
    Map<String, String> moved = new HashMap<>();
    copied
        .objects()
        .forEach((key, copy) -> moved.put(key, copy.bytes() == 0 ? "" : copies.copyOf(key)));
    return new Kept(
        new RelocatedStores(plan.destination(), stores, copies.folder(), moved), copied.counts());
  }

  /**
   * Copies the objects of a unit.
   *
   * @param earlier copies that are damaged, or from before an append that replaced objects of this
   *     unit without new images; used for an object that is not as a receipt records it
   */
  private PastCopies.Copied copy(long ordinal, Box box, PastCopies.@Nullable Copied earlier)
      throws IOException {
    ReceiptIndex receipts = runs.objects();
    Map<String, PastCopies.Copy> made = new HashMap<>();
    int head = 0;
    for (String key : keys(box)) {
      Expected expected = expected(receipts, ordinal, head++, key);
      long bytes = expected.bytes() == 0 ? 0 : Math.max(0, output.size(key));
      PastCopies.Copy known = earlier == null ? null : earlier.objects().get(key);
      PastCopies.Attempt attempt = copies.copy(key, bytes, expected, known);
      if (attempt.problem().isEmpty()) {
        made.put(key, attempt.copy());
        continue;
      }
      // Another task of this unit may have copied and replaced the object.
      PastCopies.Copied other = earlier != null ? earlier : copies.of(ordinal);
      if (other != null && !copies.areWhole(other)) {
        other = null;
      }
      if (other != null && other.end() > plan.storedImages()) {
        return other;
      }
      PastCopies.Copy copy = other == null ? null : other.objects().get(key);
      if (copy != null) {
        made.put(key, copy);
      } else if (straddles(box)) {
        throw damaged(key, box, attempt.problem());
      }
    }
    PastCounts counts =
        plan.input().past() == 0 ? PastCounts.NONE : copies.counts(ordinal, receipts);
    return copies.record(ordinal, new PastCopies.Copied(made, box.n1(), counts));
  }
}
