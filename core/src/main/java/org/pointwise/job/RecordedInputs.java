package org.pointwise.job;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Units;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.InputVersion;
import org.pointwise.work.ReceiptFiles;
import org.pointwise.work.ReceiptIndex;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The state of the input of each unit of an output, as its receipts record it. Confined to one
 * thread.
 */
final class RecordedInputs {
  private final String output;
  private final String command;
  private final FeatureSource input;
  private final AppendLayout appendLayout;
  private final List<Long> possibleLengths; // lengths at which an append may have begun
  private final long images;
  private final Units units;
  private final ReceiptIndex receipts;
  private final boolean hasSeveralInputs; // whether the output's images come from several inputs
  private final boolean appendsNew; // whether --overwrite would lose images
  private final boolean sameName;
  private final Set<Long> checkedUnits = new HashSet<>();
  private final Set<Long> unitsWithoutRecord = new HashSet<>();
  private final SortedSet<Long> imagesWithoutRecord = new TreeSet<>();

  private RecordedInputs(
      String output,
      FeatureSource input,
      AppendTarget target,
      SourceList sources,
      boolean sameName,
      Units units,
      ReceiptIndex receipts) {
    this.output = output;
    this.command = target.manifest().command();
    this.input = input;
    this.appendLayout = target.appendLayout();
    this.possibleLengths = appendLayout.lengths().size() > 1 ? appendLayout.lengths() : List.of();
    this.images = target.images();
    this.hasSeveralInputs = sources.sources().size() > 1;
    this.appendsNew = sources.hasDigests();
    this.sameName = sameName;
    this.units = units;
    this.receipts = receipts;
  }

  /**
   * Reads the receipts of an output.
   *
   * @param input opened with the output's own order of files
   * @return null if nothing is recorded about this input, for example about a copy
   */
  static @Nullable RecordedInputs read(String output, FeatureSource input, ByteStores stores)
      throws IOException {
    AppendTarget target = AppendTarget.read(output, stores);
    PlanRecord plan = target == null ? null : target.manifest().plan();
    if (target == null || plan == null) {
      return null;
    }
    String uri = input.info().uri();
    SourceList sources = SourceList.read(output, stores);
    String recorded =
        sources.sources().size() > 1
            ? name(sources.first(target.images()).sources(), input.info().past())
            : plan.input();
    if (recorded == null || !stores.canonical(recorded).equals(stores.canonical(uri))) {
      return null;
    }
    RunFolder folder = RunFolder.of(output, stores);
    Units units = target.units(input.info());
    ReceiptIndex receipts =
        target.manifest().hasMetadata()
            ? ReceiptFiles.grid(
                folder,
                plan.lineage(),
                target.manifest().headNames(),
                Math.toIntExact(units.count()))
            : ReceiptFiles.files(folder, plan.lineage());
    return new RecordedInputs(
        output, input, target, sources, recorded.equals(uri), units, receipts);
  }

  /** Returns the name of the source whose first image is {@code first}; null if there is none. */
  private static @Nullable String name(List<SourceRecord> sources, long first) {
    return sources.stream()
        .filter(source -> source.first() == first)
        .map(SourceRecord::uri)
        .findFirst()
        .orElse(null);
  }

  /** Returns the boxes of a unit that the output has. The input may have gained others. */
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

  /** Returns whether a change of the input would be detected. */
  boolean detectsChanges() {
    return sameName;
  }

  /**
   * Returns whether chunks of the input could not be decoded when the output of {@code box} was
   * computed.
   */
  boolean bad(Box box) {
    boolean[] isBad = new boolean[1];
    eachUnit(box, unit -> isBad[0] |= receipts.counts(unit).bad() > 0);
    return isBad[0];
  }

  /**
   * Checks the input objects of all units that have pixels of {@code box}, if the input has the
   * recorded name.
   *
   * @throws InvalidInputException if one of them changed since the unit was computed
   */
  void requireUnchanged(Box box, ChangedInput changedInput) {
    if (!sameName) {
      return; // under another name, such as a link's, its objects have other keys
    }
    eachUnit(
        box,
        unit -> {
          if (checkedUnits.add(unit) && !requireUnchanged(unit, changedInput)) {
            unitsWithoutRecord.add(unit);
          }
          if (unitsWithoutRecord.contains(unit)) {
            LongStream.range(box.n0(), box.n1()).forEach(imagesWithoutRecord::add);
          }
        });
  }

  /**
   * Returns the images of the checked boxes whose input may have changed, because the receipt of
   * their unit is that of another input, whose images were added to it.
   */
  SortedSet<Long> imagesWithoutRecord() {
    return imagesWithoutRecord;
  }

  /** Returns whether the state of the input is recorded. */
  private boolean requireUnchanged(long unit, ChangedInput changedInput) {
    ReceiptIndex.Inputs recorded = receipts.inputs(unit);
    List<List<Box>> groups = groups(unit);
    if (recorded.digest() == 0 || groups.isEmpty() || (hasSeveralInputs && !isOfInput(groups))) {
      return false;
    }
    InputVersion now;
    try {
      now = InputVersion.of(input, groups);
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot verify %s: looking at its input %s failed: %s; run the same command again"
              .formatted(output, input.info().uri(), e),
          e);
    }
    if (now.matches(recorded, changedInput)
        || mayHaveGrown(groups.stream().flatMap(List::stream).toList())) {
      return true;
    }
    if (!receipts.badUnits().isEmpty()) {
      throw new InvalidInputException(
          "Cannot verify %s against %s: the input of shard %d changed after it was computed, when some chunks could not be decoded: %s; where these were restored, run the same %s again, which computes it again; else restore it, or use --overwrite"
              .formatted(output, input.info().uri(), unit, now.describe(), command));
    }
    throw new InvalidInputException(
        "Cannot verify %s against %s: the input of shard %d changed after it was computed: %s; restore it%s%s"
            .formatted(
                output,
                input.info().uri(),
                unit,
                now.describe(),
                appendsNew
                    ? ", or append the images that it has now with --append-new"
                    : ", run %s again with --overwrite".formatted(command),
                now.hasLengths(recorded.lengths())
                    ? ", or use --ignore-modification-times where only times changed"
                    : "; lengths or the set of objects changed, and not only times"));
  }

  /** Returns whether all images of a unit are those of the input. */
  private boolean isOfInput(List<List<Box>> groups) {
    return groups.stream()
        .flatMap(List::stream)
        .allMatch(box -> box.n0() >= input.info().past() && box.n1() <= input.info().shape().n());
  }

  /**
   * Returns whether the unit may contain other images by now, or its input's objects may hold
   * others.
   */
  private boolean mayHaveGrown(List<Box> boxes) {
    Box all = Box.boundingBox(boxes);
    long end = Math.max(all.n1(), all.n0() + appendLayout.shard().n());
    return possibleLengths.stream().anyMatch(length -> all.n0() < length && length < end)
        || boxes.stream()
            .anyMatch(
                box -> appendLayout.mayHaveGrown(box, input.object(), input.info().shape().n()));
  }
}
