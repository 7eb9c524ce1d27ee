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
 * What is recorded of an output: in its own metadata where its format has any, or in the copy of
 * that in the run folder where it is gone, else in the plan there. As it was when it was read.
 */
public final class OutputManifest {
  private final @Nullable RecordedOutput inside;
  private final @Nullable OutputRecord ours;
  private final @Nullable PlanRecord plan;

  private OutputManifest(@Nullable RecordedOutput inside, @Nullable PlanRecord plan) {
    this.inside = inside;
    this.ours = ours(inside);
    this.plan = plan;
  }

  public static OutputManifest read(String output, ByteStores stores) throws IOException {
    ByteStores view = new RecordedMetadata(output, stores).view();
    RecordedOutput inside = OutputFormats.recorded(view.open(output));
    return new OutputManifest(inside, RunFolder.of(output, stores).plan());
  }

  private static @Nullable OutputRecord ours(@Nullable RecordedOutput inside) {
    return inside == null || inside.record() == null ? null : new OutputRecord(inside.record());
  }

  /** Names of an output's arrays, in the order of its heads. */
  public static List<String> headNames(String output, ByteStores stores) throws IOException {
    return read(output, stores).headNames();
  }

  /** Whether it has metadata of its own. */
  boolean hasMetadata() {
    return inside != null;
  }

  /** What its own metadata records; null where it has none, or is not ours. */
  public @Nullable OutputRecord ours() {
    return ours;
  }

  /** The plan in its run folder; null where there is none. */
  public @Nullable PlanRecord plan() {
    return plan;
  }

  /** Whether its own metadata, if it has any, says that all objects are stored. */
  boolean isComplete() {
    return inside == null || (ours != null && ours.status() == Status.COMPLETE);
  }

  private PlanRecord planned() {
    return Objects.requireNonNullElse(plan, PlanRecord.NOTHING);
  }

  /** Of its arrays, in their order. */
  public List<HeadRecord> heads() {
    return inside == null ? planned().heads() : ours == null ? List.of() : ours.heads();
  }

  /** Names of its arrays, in the order of its heads. */
  List<String> headNames() {
    return heads().stream().map(HeadRecord::name).toList();
  }

  /** Of which it is. */
  OutputFormat format() {
    return inside == null ? OutputFormats.named(planned().format()) : inside.format();
  }

  /** Names of the files that its images come from, as its own metadata has them; else empty. */
  List<String> imageNames() {
    return inside == null ? List.of() : inside.imageNames();
  }

  /** Order of its axes. */
  Axes axes() {
    return ours == null ? planned().axes() : ours.axes();
  }
}
