package org.pointwise.job;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Units;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.EarlierObjects;
import org.pointwise.work.InputObjects;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;

/** What the receipts of an output record of the input of its units. Confined to one thread. */
final class RecordedInputs {
  private final String output;
  private final FeatureSource input;
  private final Growth growth;
  private final List<Long> unsettled; // lengths at which an append may have begun
  private final long images;
  private final Units units;
  private final EarlierObjects receipts;
  private final boolean sameName;
  private final Set<Long> looked = new HashSet<>();

  private RecordedInputs(
      String output,
      FeatureSource input,
      GrowingOutput there,
      boolean sameName,
      Units units,
      EarlierObjects receipts) {
    this.output = output;
    this.input = input;
    this.growth = there.growth();
    this.unsettled = growth.lengths().size() > 1 ? growth.lengths() : List.of();
    this.images = there.images();
    this.sameName = sameName;
    this.units = units;
    this.receipts = receipts;
  }

  /**
   * Reads them.
   *
   * @param input opened with the output's own order of files
   * @return null where nothing is recorded of this input, as of a copy
   */
  static @Nullable RecordedInputs read(String output, FeatureSource input, ByteStores stores)
      throws IOException {
    GrowingOutput there = GrowingOutput.read(output, stores);
    PlanRecord plan = there == null ? null : there.manifest().plan();
    String uri = input.info().uri();
    if (there == null
        || plan == null
        || !stores.canonical(plan.input()).equals(stores.canonical(uri))) {
      return null;
    }
    RunFolder folder = RunFolder.of(output, stores);
    Units units = there.units(input.info());
    EarlierObjects receipts =
        there.manifest().hasMetadata()
            ? ReceiptFiles.grid(
                folder, plan.series(), there.manifest().headNames(), Math.toIntExact(units.count()))
            : ReceiptFiles.files(folder, plan.series());
    return new RecordedInputs(output, input, there, plan.input().equals(uri), units, receipts);
  }

  /** The unit's boxes that the output has: the input may have gained others. */
  private List<List<Box>> groups(long unit) {
    return units.groups(unit).stream()
        .map(group -> group.stream().filter(box -> box.n1() <= images).toList())
        .filter(group -> !group.isEmpty())
        .toList();
  }

  private void eachUnit(Box box, LongConsumer use) {
    Box stored = box.intersection(new Box(0, images, box.y0(), box.y1(), box.x0(), box.x1()));
    if (stored != null) {
      units.holding(stored).forEach(use);
    }
  }

  /** Whether a change of the input would be found. */
  boolean known() {
    return sameName;
  }

  /** Whether chunks of the input could not be decoded when the output of {@code box} was made. */
  boolean bad(Box box) {
    boolean[] found = new boolean[1];
    eachUnit(box, unit -> found[0] |= receipts.counts(unit).bad() > 0);
    return found[0];
  }

  /**
   * Looks at the objects of the input of all units that have pixels of {@code box}, if the input is
   * given by the name that is recorded.
   *
   * @throws InvalidInputException where one of them changed since the unit was computed
   */
  void requireSame(Box box, ChangedInput answer) {
    if (!sameName) {
      return; // by another name, such as a link's, its objects have other keys
    }
    eachUnit(
        box,
        unit -> {
          if (looked.add(unit)) {
            requireSame(unit, answer);
          }
        });
  }

  private void requireSame(long unit, ChangedInput answer) {
    EarlierObjects.Inputs then = receipts.inputs(unit);
    List<List<Box>> groups = groups(unit);
    if (then.digest() == 0 || groups.isEmpty()) {
      return; // unknown
    }
    InputObjects now;
    try {
      now = InputObjects.of(input, groups);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot verify %s: looking at its input %s failed: %s; run the same command again"
              .formatted(output, input.info().uri(), e),
          e);
    }
    if (now.isAs(then, answer) || mayHaveGrown(groups.stream().flatMap(List::stream).toList())) {
      return;
    }
    if (!receipts.unitsWithBad().isEmpty()) {
      throw new InvalidInputException(
          "Cannot verify %s against %s: the input of shard %d changed after it was computed, when some chunks could not be decoded: %s; where these were restored, run the same reduce again, which computes it again; else restore it, or use reduce --overwrite"
              .formatted(output, input.info().uri(), unit, now.describe()));
    }
    throw new InvalidInputException(
        "Cannot verify %s against %s: the input of shard %d changed after it was computed: %s; restore it, run reduce again with --overwrite%s"
            .formatted(
                output,
                input.info().uri(),
                unit,
                now.describe(),
                now.haveLengths(then.lengths())
                    ? ", or use --ignore-modification-times where only times changed"
                    : "; lengths changed, or which objects are there, and not only times"));
  }

  /** Whether the unit may be of other images by now, or its input's objects may hold others. */
  private boolean mayHaveGrown(List<Box> boxes) {
    Box all = Box.around(boxes);
    long end = Math.max(all.n1(), all.n0() + growth.shard().n());
    return unsettled.stream().anyMatch(length -> all.n0() < length && length < end)
        || boxes.stream()
            .anyMatch(box -> growth.mayHaveGrown(box, input.object(), input.info().shape().n()));
  }
}
