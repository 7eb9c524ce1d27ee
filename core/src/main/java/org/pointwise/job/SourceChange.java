package org.pointwise.job;

import java.util.List;
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
