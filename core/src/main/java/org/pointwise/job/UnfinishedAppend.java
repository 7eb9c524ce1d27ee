package org.pointwise.job;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.SourceRecord;

/**
 * Determines whether images can be appended to an output whose last run has not ended, or of which
 * objects were deleted. Writes nothing.
 *
 * @param sources of the output's images, including those of an append that has not ended
 */
record UnfinishedAppend(String output, AppendTarget target, SourceList sources, ByteStores stores) {

  /** Returns whether the first run has not ended. */
  boolean isFirstRun() throws IOException {
    OutputRecord record = target.manifest().outputRecord();
    return target.isIncomplete()
        && !target.isAppending()
        && record != null
        && !record.hasDeletedObjects()
        && sources.sources().size() == 1
        && RunFolder.of(output, stores).store().size(RunFolder.REPORT) < 0;
  }

  /**
   * Checks that what the last run has begun may be dropped, because all images that the output had
   * before it are stored.
   *
   * @param drop whether the user requested it
   * @param sameInput whether the input is at the place of that run's
   */
  void requireDroppable(boolean drop, boolean sameInput) throws IOException {
    SourceRecord last = sources.last();
    if (isFirstRun()) {
      throw new InvalidInputException(
          "Cannot append to %s: its first run, with %s, has not ended; run that again first, or use --drop-unfinished to delete what it has stored"
              .formatted(output, last.uri()));
    }
    requireStored(target.images());
    if (last.first() < target.images() && target.images() < last.end()) {
      throw new InvalidInputException(
          "Cannot append to %s: reduce --append of the images that %s has gained has not ended; run that again first"
              .formatted(output, last.uri()));
    }
    if (target.isAppending() && !drop) {
      String images = Count.of(last.end() - last.first(), "image");
      throw new InvalidInputException(
          "Cannot append to %s: ".formatted(output)
              + (last.first() < target.images()
                  ? "a run that stores its images %d to %d of %s again has not ended; run that again first, or use --drop-unfinished to keep the shards that it has not stored as they were"
                      .formatted(last.first(), last.end() - 1, last.uri())
                  : sameInput
                      ? "an append of %s of %s has not ended, and other images are there now; restore them and run that again first, or drop it with --drop-unfinished"
                          .formatted(images, last.uri())
                      : "an append of %s of %s has not ended; run that again first, or drop it with --drop-unfinished"
                          .formatted(images, last.uri())));
    }
  }

  /**
   * Checks that the images of an incomplete output before an index are stored.
   *
   * @param images the index
   */
  void requireStored(long images) throws IOException {
    LostObjects.Lost lost = lost(images);
    if (lost != null) {
      throw new InvalidInputException(describe(lost));
    }
  }

  private LostObjects.@Nullable Lost lost(long images) throws IOException {
    return target.isIncomplete() && images > 0
        ? LostObjects.first(output, target, images, stores)
        : null;
  }

  /** Returns whether an append of further images has begun and not ended. */
  boolean isAppend() {
    return target.isAppending() && target.images() > 0 && sources.last().first() >= target.images();
  }

  /**
   * Checks that no stored image of the last source must be stored again, which is impossible
   * because its input has been damaged since.
   *
   * @param drop whether a run that stores images again may be dropped
   */
  void requireNothingToStoreAgain(boolean drop) throws IOException {
    String uri = sources.last().uri();
    if (lost(target.images()) != null) {
      throw new InvalidInputException(
          "Cannot append to %s: objects of images of %s are missing, but the input is damaged since they were stored; restore the input, or the objects from a copy of the output"
              .formatted(output, uri));
    }
    if (target.isAppending() && !drop) {
      throw new InvalidInputException(
          "Cannot append to %s: a run that stores images of %s again has not ended, but the input is damaged since; restore the input and run it again, or use --drop-unfinished to keep the shards that it has not stored as they were"
              .formatted(output, uri));
    }
  }

  private String describe(LostObjects.Lost lost) {
    SourceRecord latest = sources.first(target.images()).last();
    Box box = lost.box();
    SourceRecord source = sourceOf(box);
    boolean hasDigests = latest.digests().size() == latest.end() - latest.first();
    String remedy =
        source == null || source.first() != latest.first() || (isAppend() && !hasDigests)
            ? "put the object of a copy of the output in its place; without one, only --overwrite makes its images again"
            : hasDigests
                ? "append the same %s of %s again first%s, or restore it from a copy of the output"
                    .formatted(
                        Count.of(latest.end() - latest.first(), "image"),
                        latest.uri(),
                        isAppend() ? ", with --drop-unfinished" : "")
                : "run the reduction of %s again first, without --append-new, or restore it from a copy of the output"
                    .formatted(latest.uri());
    return "Cannot append to %s: its object %s with images %d to %d%s is %s; %s"
        .formatted(
            output,
            lost.key(),
            box.n0(),
            box.n1() - 1,
            source == null ? "" : " of " + source.uri(),
            lost.state(),
            remedy);
  }

  /** Returns the source of all pixels of a box; null if there are several. */
  private @Nullable SourceRecord sourceOf(Box box) {
    long end = Math.min(box.n1(), target.images());
    return sources.sources().stream()
        .filter(source -> source.first() <= box.n0() && end <= source.end())
        .findFirst()
        .orElse(null);
  }
}
