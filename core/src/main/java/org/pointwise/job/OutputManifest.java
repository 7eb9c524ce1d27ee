package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.RecordedOutput;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * The recorded description of an output, as it was when it was read. It comes from the copy of the
 * output's metadata in the run folder, from the output's own metadata if there is no copy, and from
 * the plan in the run folder if the format has no metadata. The status comes from the output's own
 * metadata.
 */
public final class OutputManifest {
  private final @Nullable RecordedOutput content;
  private final @Nullable OutputRecord outputRecord;
  private final @Nullable PlanRecord plan;

  private OutputManifest(@Nullable RecordedOutput content, @Nullable PlanRecord plan) {
    this.content = content;
    this.outputRecord = outputRecord(content, plan);
    this.plan = plan;
  }

  public static OutputManifest read(String output, ByteStores stores) throws IOException {
    RecordedOutput content = new RecordedMetadata(output, stores).content();
    return new OutputManifest(content, RunFolder.of(output, stores).plan());
  }

  private static @Nullable OutputRecord outputRecord(
      @Nullable RecordedOutput content, @Nullable PlanRecord plan) {
    return content == null || content.record() == null
        ? null
        : new OutputRecord(content.record()).limitedTo(plan);
  }

  /** Reads the names of an output's arrays, in the order of its heads. */
  public static List<String> headNames(String output, ByteStores stores) throws IOException {
    return read(output, stores).headNames();
  }

  /** Returns whether the output has metadata of its own. */
  boolean hasMetadata() {
    return content != null;
  }

  /**
   * Returns the record in the output's own metadata; null if it has none, or none that this project
   * wrote.
   */
  public @Nullable OutputRecord outputRecord() {
    return outputRecord;
  }

  /** Returns the plan in the run folder; null if there is none. */
  public @Nullable PlanRecord plan() {
    return plan;
  }

  /**
   * Returns whether all objects are stored according to the output's own metadata; true if it has
   * no metadata.
   */
  boolean isComplete() {
    return content == null || (outputRecord != null && outputRecord.status() == Status.COMPLETE);
  }

  private PlanRecord planned() {
    return Objects.requireNonNullElse(plan, PlanRecord.EMPTY);
  }

  /** Returns the records of the output's arrays, in their order. */
  public List<HeadRecord> heads() {
    return content == null
        ? planned().heads()
        : outputRecord == null ? List.of() : outputRecord.heads();
  }

  /** Returns the command that made the output. */
  String command() {
    return HeadRecord.command(heads().isEmpty() ? planned().heads() : heads());
  }

  /** Returns the names of the output's arrays, in the order of its heads. */
  List<String> headNames() {
    return heads().stream().map(HeadRecord::name).toList();
  }

  /** Returns the format of the output. */
  OutputFormat format() {
    return content == null ? OutputFormats.named(planned().format()) : content.format();
  }

  /**
   * Returns the names of the files that the images come from, as recorded in the output's own
   * metadata; else empty.
   */
  List<String> imageNames() {
    return content == null ? List.of() : content.imageNames();
  }

  /** Returns the order of the output's axes. */
  Axes axes() {
    return outputRecord == null ? planned().axes() : outputRecord.axes();
  }
}
