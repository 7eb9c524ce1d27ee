package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.format.Subset;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.SourceRecord;

/**
 * Chooses those images of an input that an output does not have.
 *
 * @param target the output
 * @param sources of its images, including those of an append that has not ended
 */
record NewImageChooser(String output, AppendTarget target, SourceList sources, ByteStores stores) {
  UnfinishedAppend unfinished() {
    return new UnfinishedAppend(output, target, sources, stores);
  }

  /** Checks that the output can have images of an input, before any is read. */
  void requireCompatible(ArrayInfo input) {
    if (sources.sources().isEmpty()) {
      throw new InvalidInputException(
          "Cannot append new images to %s: its run folder does not record what it was made of; use --overwrite to start again, or another output"
              .formatted(output));
    }
    if (!target.manifest().axes().has(Axis.N)) {
      throw new InvalidInputException(
          "Cannot append to %s: it has no axis of images; use another output".formatted(output));
    }
    boolean named = !target.imageNames().isEmpty();
    if (named != (input.storage() == Storage.IMAGES)) {
      throw new InvalidInputException(
          named
              ? "Cannot append %s to %s: the output records the names of its images but the input has none; give a folder of one file per image"
                  .formatted(input.uri(), output)
              : "Cannot append %s to %s: the input is a folder of named images but the output was made of an array without names; give an array"
                  .formatted(input.uri(), output));
    }
  }

  /**
   * Chooses among the images of an input. The images of the last source are chosen again where it
   * continues or could not be decoded before. Images without names and without any data cannot be
   * recognised by themselves: they count as stored if the input has exactly the images of earlier
   * inputs; an input that consists of them is taken for the latest one at the same place if that
   * had as many such images.
   *
   * @param dropUnfinished whether an unfinished append of another input is dropped
   */
  NewImageChoice choose(ArrayInfo input, GivenImages images, boolean dropUnfinished)
      throws IOException {
    SourceRecord last = sources.last();
    boolean sameUri = isAt(last, input);
    List<Long> ofLast = compared(images, last.first()).missing();
    GivenImages again = images.select(ofLast);
    boolean open = target.isIncomplete() || target.isAppending();
    UnfinishedAppend unfinished = unfinished();
    // The output records the place of its first images.
    boolean continues = sameUri || (open && last.first() > 0);
    if (continues && again.matches(last, target.imageNames(), open && sameUri)) {
      unfinished.requireStored(last.first());
      // What is stored stays, even if its input was damaged since.
      boolean unstored = unfinished.isFirstRun() || last.end() > target.images();
      List<String> damaged = unstored ? List.of() : again.damaged(last);
      if (damaged.isEmpty()) {
        return NewImageChoice.append(input, images, ofLast, last.first(), null);
      }
      unfinished.requireNothingToStoreAgain(dropUnfinished);
      return NewImageChoice.none(input, images, ofLast, target.images(), null).keeping(damaged);
    }
    if (dropUnfinished && unfinished.isFirstRun()) {
      return NewImageChoice.all(input, images, last);
    }
    if (dropUnfinished && unfinished.isAppend()) {
      NewImageChoice latest = latestStored(input, images);
      if (latest != null) {
        return latest;
      }
    }
    if (open) {
      unfinished.requireDroppable(dropUnfinished, sameUri);
    }
    SourceRecord dropped = target.isAppending() ? last : null;
    long past = target.images();
    requireKnown(input, past);
    GivenImages.Compared all = compared(images, past);
    List<Long> latest = dropped == null && sameUri ? ofLast : List.of();
    if (isStored(input, images, past)) {
      return NewImageChoice.none(input, images, latest, past, dropped);
    }
    all.requireAppendable(output);
    return all.missing().isEmpty()
        ? NewImageChoice.none(input, images, latest, past, dropped)
        : NewImageChoice.append(input, images, all.missing(), past, dropped);
  }

  /**
   * Chooses the images of the latest stored source again, because some of their objects may be
   * lost, and drops the append of others.
   *
   * @return null if the input has other images, or some of them are damaged; also for a copy of the
   *     output's first input
   */
  private @Nullable NewImageChoice latestStored(ArrayInfo input, GivenImages images)
      throws IOException {
    SourceRecord latest = sources.first(target.images()).last();
    List<Long> ofLatest = compared(images, latest.first()).missing();
    GivenImages again = images.select(ofLatest);
    boolean sameUri = isAt(latest, input);
    boolean matches =
        (sameUri || latest.first() > 0) // as in choose
            && again.matches(latest, target.imageNames(), sameUri);
    if (!matches || !again.damaged(latest).isEmpty()) {
      return null;
    }
    unfinished().requireStored(latest.first());
    return NewImageChoice.append(input, images, ofLatest, latest.first(), sources.last());
  }

  /** Returns whether images that cannot be recognised by themselves are stored. */
  private boolean isStored(ArrayInfo input, GivenImages images, long past) {
    List<SourceRecord> stored = sources.first(past).sources();
    if (images.areRecognisable()) {
      return images.names().isEmpty() && !images.duplicates() && images.areThoseOf(stored);
    }
    return stored.stream()
        .filter(source -> isAt(source, input))
        .reduce((earlier, later) -> later)
        .filter(latest -> latest.digests().equals(images.digests()))
        .isPresent();
  }

  private boolean isAt(SourceRecord source, ArrayInfo input) {
    return stores.canonical(source.uri()).equals(stores.canonical(input.uri()));
  }

  private GivenImages.Compared compared(GivenImages images, long past) {
    return images.compare(target.files().first(past).names(), sources.first(past).digests(past));
  }

  /** Checks that none of the input's images may be there without a way to recognise it. */
  private void requireKnown(ArrayInfo input, long past) {
    for (SourceRecord source : sources.first(past).sources()) {
      long known = source.digests().size();
      long images = source.end() - source.first();
      if (known < images
          && input.storage() != Storage.IMAGES
          && isAt(source, input)
          && overlaps(source, known, input)) {
        throw new InvalidInputException(
            "Cannot append %s to %s: images %d to %d of the output come from the same path, and no digests of them are recorded; if these are the same images, they are stored already; where the input has only gained images, give these, such as by --images %d:; where it has other images now, give it by another path"
                .formatted(input.uri(), output, source.first() + known, source.end() - 1, images));
      }
    }
  }

  /**
   * Returns whether some of an input's images have the place of images that a source had.
   *
   * @param known number of leading images of the source whose digests are recorded
   */
  private static boolean overlaps(SourceRecord source, long known, ArrayInfo input) {
    Subset subset = input.subset();
    long images = source.end() - source.first();
    IndexList recorded =
        source.hasAllImages()
            ? IndexList.range(0, images)
            : source.part(input.whole().shape()).images();
    IndexList given = subset == null ? IndexList.range(0, input.shape().n()) : subset.images();
    return given.stream().anyMatch(image -> recorded.position(image) >= known);
  }
}
