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
  private final @Nullable RecordedOutput inside;
  private final @Nullable OutputRecord ours;
  private final @Nullable PlanRecord plan;

  private OutputManifest(@Nullable RecordedOutput inside, @Nullable PlanRecord plan) {
    this.inside = inside;
    this.ours = ours(inside, plan);
    this.plan = plan;
  }

  public static OutputManifest read(String output, ByteStores stores) throws IOException {
    RecordedOutput inside = new RecordedMetadata(output, stores).inside();
    return new OutputManifest(inside, RunFolder.of(output, stores).plan());
  }

  private static @Nullable OutputRecord ours(
      @Nullable RecordedOutput inside, @Nullable PlanRecord plan) {
    return inside == null || inside.record() == null
        ? null
        : new OutputRecord(inside.record()).limitedTo(plan);
  }

  /** Reads the names of an output's arrays, in the order of its heads. */
  public static List<String> headNames(String output, ByteStores stores) throws IOException {
    return read(output, stores).headNames();
  }

  /** Returns whether the output has metadata of its own. */
  boolean hasMetadata() {
    return inside != null;
  }

  /**
   * Returns the record in the output's own metadata; null if it has none, or none that this project
   * wrote.
   */
  public @Nullable OutputRecord ours() {
    return ours;
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
    return inside == null || (ours != null && ours.status() == Status.COMPLETE);
  }

  private PlanRecord planned() {
    return Objects.requireNonNullElse(plan, PlanRecord.NOTHING);
  }

  /** Returns the records of the output's arrays, in their order. */
  public List<HeadRecord> heads() {
    return inside == null ? planned().heads() : ours == null ? List.of() : ours.heads();
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
    return inside == null ? OutputFormats.named(planned().format()) : inside.format();
  }

  /**
   * Returns the names of the files that the images come from, as recorded in the output's own
   * metadata; else empty.
   */
  List<String> imageNames() {
    return inside == null ? List.of() : inside.imageNames();
  }

  /** Returns the order of the output's axes. */
  Axes axes() {
    return ours == null ? planned().axes() : ours.axes();
  }
}
