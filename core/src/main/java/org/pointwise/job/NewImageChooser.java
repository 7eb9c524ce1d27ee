package org.pointwise.job;

import java.util.List;
import java.util.Objects;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.format.Subset;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.SourceRecord;
import org.pointwise.work.manifest.Status;

/**
 * Chooses those images of an input that an output does not have.
 *
 * @param target the output
 * @param sources of its images, including those of an append that has not ended
 */
record NewImageChooser(String output, AppendTarget target, SourceList sources, ByteStores stores) {
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
   * recognised: an input that consists of them is taken for the latest one at the same place if
   * that had as many such images.
   *
   * @param abandonUnfinished whether an unfinished append of another input is given up
   */
  NewImageChoice choose(ArrayInfo input, GivenImages images, boolean abandonUnfinished) {
    SourceRecord last = sources.last();
    boolean sameUri = isAt(last, input);
    List<Long> ofLast = missing(images, last.first());
    GivenImages again = images.select(ofLast);
    boolean open = isOpen();
    if ((open || sameUri) && again.matches(last, target.imageNames(), open && sameUri)) {
      return open || !again.isDamaged(last)
          ? choice(images, ofLast, last.first())
          : nothing(input, images, target.images());
    }
    if (open) {
      requireAbandonable(last, abandonUnfinished);
    }
    long past = open ? last.first() : target.images();
    requireKnown(input, past);
    boolean repeated =
        !images.areRecognisable()
            && sources.first(past).sources().stream()
                .filter(source -> isAt(source, input))
                .reduce((earlier, later) -> later)
                .filter(latest -> latest.digests().equals(images.digests()))
                .isPresent();
    List<Long> missing = repeated ? List.of() : missing(images, past);
    return missing.isEmpty() ? nothing(input, images, past) : choice(images, missing, past);
  }

  private boolean isAt(SourceRecord source, ArrayInfo input) {
    return stores.canonical(source.uri()).equals(stores.canonical(input.uri()));
  }

  private static NewImageChoice nothing(ArrayInfo input, GivenImages images, long past) {
    return new NewImageChoice(IndexList.range(0, input.shape().n()), images.digests(), past, false);
  }

  private static NewImageChoice choice(GivenImages images, List<Long> chosen, long past) {
    return new NewImageChoice(
        IndexList.of(chosen, "images"), images.select(chosen).digests(), past, true);
  }

  /** Returns the indexes of the images that are not among the first ones of the output. */
  private List<Long> missing(GivenImages images, long past) {
    return images.missing(
        target.files().first(past).names(), sources.first(past).digests(past), output);
  }

  /** Returns whether an append, or the first run, has not ended. */
  private boolean isOpen() {
    return Objects.requireNonNull(target.manifest().outputRecord()).status() == Status.INCOMPLETE
        || target.plannedImages() > target.images();
  }

  /** Checks that an unfinished append of another input may be given up. */
  private void requireAbandonable(SourceRecord last, boolean abandonUnfinished) {
    if (last.first() == 0) {
      throw new InvalidInputException(
          "Cannot append to %s: its first run, with %s, has not ended; run that again first, or use --overwrite"
              .formatted(output, last.uri()));
    }
    if (last.first() != target.images()) {
      throw new InvalidInputException(
          "Cannot append to %s: objects of it are missing; append %s again, which stores those of its images, or restore the output from a copy"
              .formatted(output, last.uri()));
    }
    if (!abandonUnfinished) {
      throw new InvalidInputException(
          "Cannot append to %s: an append of %d images of %s has not ended; run that again first, or give it up with --drop-unfinished"
              .formatted(output, last.end() - last.first(), last.uri()));
    }
  }

  /** Checks that none of the input's images may be there without a way to recognise it. */
  private void requireKnown(ArrayInfo input, long past) {
    for (SourceRecord source : sources.first(past).sources()) {
      if (source.digests().isEmpty()
          && input.storage() != Storage.IMAGES
          && isAt(source, input)
          && overlaps(source, input)) {
        throw new InvalidInputException(
            "Cannot append to %s: its images %d to %d are of the same input, and no digests of them are recorded; give the images that the input has gained with --images, such as --images %d:"
                .formatted(
                    output, source.first(), source.end() - 1, source.end() - source.first()));
      }
    }
  }

  /** Returns whether some of an input's images have the place of images that a source had. */
  private static boolean overlaps(SourceRecord source, ArrayInfo input) {
    Subset subset = input.subset();
    if (subset == null) {
      return true;
    }
    IndexList recorded =
        source.hasAllImages()
            ? IndexList.range(0, source.end() - source.first())
            : source.part(input.whole().shape()).images();
    return subset.images().stream().anyMatch(image -> recorded.position(image) >= 0);
  }
}
