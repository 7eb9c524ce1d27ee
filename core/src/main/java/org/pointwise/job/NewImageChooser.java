package org.pointwise.job;

import java.util.List;
import java.util.Objects;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.IndexList;
import org.pointwise.work.manifest.SourceRecord;
import org.pointwise.work.manifest.Status;

/**
 * Chooses those images of an input that an output does not have.
 *
 * @param there the output
 * @param sources of its images, including those of an append that has not ended
 */
record NewImageChooser(String output, AppendTarget there, SourceList sources, ByteStores stores) {
  /** Checks that the output can have images of an input, before any is read. */
  void requireAlike(ArrayInfo input) {
    if (sources.sources().isEmpty()) {
      throw new InvalidInputException(
          "Cannot append new images to %s: its run folder does not record what it was made of; use --overwrite to start anew, or another output"
              .formatted(output));
    }
    if (!there.manifest().axes().has(Axis.N)) {
      throw new InvalidInputException(
          "Cannot append to %s: it has no axis of images; use another output".formatted(output));
    }
    boolean named = !there.imageNames().isEmpty();
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
   * Chooses among the images of an input.
   *
   * @param abandon whether an unfinished append of another input is given up
   */
  NewImageChoice choose(ArrayInfo input, GivenImages images, boolean abandon) {
    SourceRecord last = sources.last();
    boolean sameUri = stores.canonical(last.uri()).equals(stores.canonical(input.uri()));
    List<Long> ofLast = missing(images, last.first());
    if ((isOpen() || sameUri) && images.only(ofLast).areOf(last, there.imageNames(), sameUri)) {
      return choice(images, ofLast, last.first());
    }
    if (isOpen()) {
      requireAbandonable(last, abandon);
    }
    long past = isOpen() ? last.first() : there.images();
    requireKnown(input, past);
    List<Long> missing = missing(images, past);
    if (missing.isEmpty() && isOpen()) {
      throw new InvalidInputException(
          "Cannot append %s to %s: it has all of these images, and the interrupted append of %s is given up only by an append of others"
              .formatted(input.uri(), output, last.uri()));
    }
    return missing.isEmpty()
        ? new NewImageChoice(IndexList.range(0, input.shape().n()), images.digests(), past, false)
        : choice(images, missing, past);
  }

  private static NewImageChoice choice(GivenImages images, List<Long> chosen, long past) {
    return new NewImageChoice(
        IndexList.of(chosen, "images"), images.only(chosen).digests(), past, true);
  }

  /** Returns the indexes of the images that are not among the first ones of the output. */
  private List<Long> missing(GivenImages images, long past) {
    return images.missing(
        there.files().first(past).names(), sources.first(past).digests(past), output);
  }

  /** Returns whether an append, or the first run, has not ended. */
  private boolean isOpen() {
    return Objects.requireNonNull(there.manifest().ours()).status() == Status.INCOMPLETE
        || there.coming() > there.images();
  }

  /** Checks that an unfinished append of another input may be given up. */
  private void requireAbandonable(SourceRecord last, boolean abandon) {
    if (last.first() == 0) {
      throw new InvalidInputException(
          "Cannot append to %s: its first run, with %s, has not ended; run that again first, or use --overwrite"
              .formatted(output, last.uri()));
    }
    if (last.first() != there.images()) {
      throw new InvalidInputException(
          "Cannot append to %s: objects of it are missing; append %s again, which stores those of its images, or restore the output from a copy"
              .formatted(output, last.uri()));
    }
    if (!abandon) {
      throw new InvalidInputException(
          "Cannot append to %s: an append of %d images of %s has not ended; run that again first, or give it up with --drop-unfinished"
              .formatted(output, last.end() - last.first(), last.uri()));
    }
  }

  /** Checks that none of the input's images may be there without a way to recognise it. */
  private void requireKnown(ArrayInfo input, long past) {
    String uri = stores.canonical(input.uri());
    for (SourceRecord source : sources.first(past).sources()) {
      if (source.digests().isEmpty()
          && input.storage() != Storage.IMAGES
          && stores.canonical(source.uri()).equals(uri)) {
        throw new InvalidInputException(
            "Cannot append to %s: its images %d to %d are of the same input, and no digests of them are recorded; use --append for images that the input has gained"
                .formatted(output, source.first(), source.end() - 1));
      }
    }
  }
}
