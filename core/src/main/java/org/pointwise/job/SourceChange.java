package org.pointwise.job;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.work.manifest.SourceRecord;

/**
 * The sources of an output when an append of new images was planned, and those once it has ended.
 *
 * @param before as recorded
 * @param after once the append has ended
 * @param appends whether the last of {@code after} is the plan's input; if not, the output has all
 *     images of that
 * @param dropped the unfinished append that is dropped; null if there is none
 * @param anew as {@link NewImageChoice#anew}
 * @param latest as {@link NewImageChoice#latest}
 * @param input among whose images the plan's were chosen
 */
public record SourceChange(
    SourceList before,
    SourceList after,
    boolean appends,
    @Nullable SourceRecord dropped,
    boolean anew,
    List<String> latest,
    StableInput input) {
  /**
   * Returns the sources as they are recorded while images of the last one are stored again: {@code
   * before}, with those images that this run can decode, but not the run before.
   */
  SourceList whileStoredAgain() {
    SourceRecord again = after.last();
    return new SourceList(
        before.sources().stream()
            .map(source -> source.first() == again.first() ? decoding(source, again) : source)
            .toList());
  }

  private static SourceRecord decoding(SourceRecord source, SourceRecord again) {
    List<String> recorded = source.digests();
    List<String> digests = again.digests();
    Set<Integer> decoded = new TreeSet<>();
    for (int i = 0; i < recorded.size(); i++) {
      if (recorded.get(i).equals(ImageDigests.UNREADABLE)
          && !digests.get(i).equals(ImageDigests.UNREADABLE)) {
        decoded.add(i);
      }
    }
    return decoded.isEmpty() ? source : source.maybeDecoded(decoded);
  }

  /** Returns whether the append changes the sources. */
  boolean isChange() {
    return !before.matches(after);
  }

  /**
   * Returns the source that the records of the output name as its input; null if that is the plan's
   * input.
   */
  @Nullable SourceRecord recorded() {
    return appends ? null : after.last();
  }
}
