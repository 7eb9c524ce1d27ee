package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormat;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;
import org.pointwise.work.manifest.PlanRecord;

/**
 * Plans {@code reduce --append-new}: chooses those images of an input that an output does not have,
 * and determines where they are appended. The inputs of the output's other images are not read.
 * {@link AppendRun} executes the append.
 *
 * <p>Images are recognised by the names of their files, if the input is a folder, and by digests of
 * their pixels.
 */
public final class AppendNew {
  private final String output;
  private final ByteStores stores;
  private final @Nullable AppendTarget target;
  private final SourceList sources;

  private AppendNew(
      String output, ByteStores stores, @Nullable AppendTarget target, SourceList sources) {
    this.output = output;
    this.stores = stores;
    this.target = target;
    this.sources = sources;
  }

  /**
   * Plans an append to the existing output. If there is none, the whole output is new.
   *
   * @param format of the output if there is none
   * @throws InvalidInputException if images cannot be appended to it
   */
  public static AppendNew to(String output, OutputFormat format, ByteStores stores)
      throws IOException {
    AppendTarget target = AppendTarget.ofAppend(output, stores);
    if (target == null ? format.perFile() : !target.manifest().hasMetadata()) {
      throw new InvalidInputException(
          "Cannot append new images to %s: it is a folder of files; reduce the new images into a folder of their own"
              .formatted(output));
    }
    return new AppendNew(
        output,
        stores,
        target,
        target == null ? new SourceList(List.of()) : SourceList.read(output, stores));
  }

  /**
   * Chooses the images of an input. Reads all of them once.
   *
   * @param duplicates whether images with the pixels of others are accepted
   * @param dropUnfinished whether an unfinished append of another input is dropped
   * @throws InvalidInputException if images are there with other pixels, or under other names, or
   *     if an append of another input is unfinished
   */
  public NewImageChoice choose(
      FeatureSource given, Runner runner, BadInput bad, boolean duplicates, boolean dropUnfinished)
      throws IOException {
    ArrayInfo input = given.info();
    NewImageChooser chooser =
        target == null ? null : new NewImageChooser(output, target, begun(target), stores);
    if (chooser != null && !(dropUnfinished && chooser.unfinished().isFirstRun())) {
      requireRecordedMetadata(Objects.requireNonNull(target));
      chooser.requireCompatible(input);
    }
    StableInput stable = StableInput.of(input, runner, stores);
    List<String> digests = ImageDigests.of(input, runner, bad == BadInput.NODATA);
    GivenImages images = GivenImages.of(stable, digests, duplicates);
    images.requireDistinct();
    return chooser == null
        ? NewImageChoice.all(input, images, null)
        : chooser.choose(input, images, dropUnfinished);
  }

  /** Refuses an output of which an interrupted deletion may have left a part. */
  private void requireRecordedMetadata(AppendTarget existing) throws IOException {
    if (existing.isIncomplete()
        && RunFolder.of(output, stores).store().size(RunFolder.METADATA) < 0) {
      throw AppendTarget.deleted(output, "the record of its metadata");
    }
  }

  /** Returns the sources without one that was recorded for an append that has not begun. */
  private SourceList begun(AppendTarget existing) {
    return existing.isAppending() ? sources : sources.first(existing.images());
  }

  /**
   * Returns the input of the plan: the chosen images after those that the output has.
   *
   * @param chosen the chosen images as an array of their own
   */
  public FeatureSource source(FeatureSource chosen, NewImageChoice choice) {
    if (choice.past() == 0) {
      return chosen;
    }
    AppendTarget existing = Objects.requireNonNull(target);
    ArrayInfo input = chosen.info();
    List<ArrayInfo.ImageFile> files =
        existing.files().first(choice.past()).names().stream()
            .map(name -> new ArrayInfo.ImageFile(name, input.shape().y(), input.shape().x()))
            .toList();
    String identity =
        choice.appends()
            ? Hashes.sha256(
                "%s\n%s\nafter %d"
                    .formatted(
                        input.identity(), String.join("\n", choice.digests()), choice.past()))
            : Objects.requireNonNull(existing.manifest().outputRecord()).sourceIdentity();
    return Formats.appended(chosen, choice.appends(), choice.past(), files, identity);
  }

  /** Returns the reduction with the layout of the existing output. */
  public Reduction grow(Reduction spec, NewImageChoice choice) throws IOException {
    return target == null || choice.anew()
        ? spec
        : spec.growing(
            layout(target, new UnfinishedAppend(output, target, sources, stores), choice.past()));
  }

  private static AppendLayout layout(AppendTarget target, UnfinishedAppend unfinished, long past)
      throws IOException {
    AppendLayout layout = target.appendLayout();
    TreeSet<Long> lengths = new TreeSet<>(layout.lengths());
    PlanRecord plan = target.manifest().plan();
    // Objects of stored images may have to be restored from copies.
    boolean open = target.isAppending() || !target.complete();
    return new AppendLayout(
        layout.layout(),
        open ? 0 : past,
        List.copyOf(lengths),
        past == 0 || plan == null ? List.of() : AppendLayout.sourceOf(plan.lineageInputs()),
        unfinished.isFirstRun() ? 0 : target.images());
  }

  /**
   * Checks that the images can be appended.
   *
   * @param plan made of {@link #source} and {@link #grow}
   * @param choice of its images
   * @return warnings
   * @throws InvalidInputException that names the difference
   */
  public List<String> require(ReducePlan plan, NewImageChoice choice, FeatureSource source)
      throws IOException {
    if (target == null || choice.anew()) {
      return List.of();
    }
    String type = " " + plan.input().type();
    List<String> first = Objects.requireNonNull(plan.spec().appendLayout()).source();
    if (!first.isEmpty() && !first.get(0).endsWith(type)) {
      throw new InvalidInputException(
          "Cannot append %s to %s: its numbers are%s but those of the first input are %s; store them in the same type"
              .formatted(
                  plan.input().uri(),
                  output,
                  type,
                  first.get(0).substring(first.get(0).lastIndexOf(' ') + 1)));
    }
    requireSamePart(plan, first);
    if (!target.lineage().equals(PlanRecord.lineage(plan))) {
      throw new InvalidInputException(
          "Cannot append %s to %s: it was made in another way (%s); use the same options, or another output"
              .formatted(
                  plan.input().uri(), output, RunFolder.of(output, stores).difference(plan)));
    }
    List<String> warnings =
        new ArrayList<>(
            AppendedCompanions.warnings(plan, AppendedCompanions.of(plan, source, stores)));
    if (!choice.damaged().isEmpty()) {
      warnings.add(
          "images %s of %s cannot be decoded any more: what is stored of them stays, and no image of this input is stored again until they can be decoded"
              .formatted(GivenImages.shown(choice.damaged()), plan.input().uri()));
    }
    return warnings;
  }

  /** Checks that the same rows, columns and channels are read, with a mask or without. */
  private void requireSamePart(ReducePlan plan, List<String> first) {
    if (first.isEmpty()) {
      return;
    }
    FeatureShape shape = plan.input().shape(); // that of the output has the same rows and columns
    String recorded = AppendLayout.part(first, shape);
    String now = AppendLayout.part(AppendLayout.sourceOf(plan.input()), shape);
    if (!recorded.equals(now)) {
      throw new InvalidInputException(
          "Cannot append %s to %s: %s of the first input were read but now %s; give the same --bbox and --input-channels, and a --mask if there was one"
              .formatted(plan.input().uri(), output, recorded, now));
    }
  }

  /** Returns whether the output is still as it was when a plan was made. */
  static boolean isAsPlanned(ReducePlan plan, SourceChange sources, ByteStores stores)
      throws IOException {
    AppendTarget now = AppendTarget.read(plan.destination(), stores);
    if (now == null) {
      return plan.spec().appendLayout() == null;
    }
    SourceList present = SourceList.read(plan.destination(), stores);
    UnfinishedAppend unfinished = new UnfinishedAppend(plan.destination(), now, present, stores);
    if (plan.spec().appendLayout() == null) {
      return sources.anew() && sources.before().matches(present) && unfinished.isFirstRun();
    }
    return sources.before().matches(present)
        && now.lineage().equals(PlanRecord.lineage(plan))
        && layout(now, unfinished, plan.input().past()).equals(plan.spec().appendLayout());
  }

  /**
   * Returns the sources of the output before and after the images are appended.
   *
   * @param plan of the images that were chosen
   */
  public SourceChange sources(ReducePlan plan, NewImageChoice choice) {
    return new SourceChange(
        sources,
        choice.appends()
            ? sources.first(choice.past()).append(plan, choice.digests())
            : sources.first(choice.past()),
        choice.appends(),
        choice.dropped(),
        choice.anew(),
        choice.latest(),
        choice.input());
  }
}
