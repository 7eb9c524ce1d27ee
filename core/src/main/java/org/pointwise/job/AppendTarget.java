package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredLayout;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.Units;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.tensor.Offset;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.HeadRecord;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * The content and layout of an output of a previous run, whose input may have gained images since.
 */
public final class AppendTarget {
  private final OutputManifest manifest;
  private final String lineage;
  private final boolean complete;
  private final long images;
  private final long plannedImages;
  private final AppendLayout appendLayout;
  private final SourceFileList files;

  private AppendTarget(
      OutputManifest manifest,
      String lineage,
      boolean complete,
      long images,
      long plannedImages,
      AppendLayout appendLayout,
      SourceFileList files) {
    this.manifest = manifest;
    this.lineage = lineage;
    this.complete = complete;
    this.images = images;
    this.plannedImages = plannedImages;
    this.appendLayout = appendLayout;
    this.files = files;
  }

  /**
   * Reads the output to append to; returns null if there is none, or if a complete new output is
   * about to take its place: the exchange ends before an append is planned again.
   */
  static @Nullable AppendTarget ofAppend(String uri, ByteStores stores) throws IOException {
    return new Replacement(uri, stores).ready() ? null : read(uri, stores);
  }

  /** Reads the existing output; returns null if there is none. */
  public static @Nullable AppendTarget read(String uri, ByteStores stores) {
    try {
      new ExistingOutput(uri, stores).requireRecorded();
      OutputManifest manifest = OutputManifest.read(uri, stores);
      OutputRecord record = manifest.outputRecord();
      if (record != null) {
        return ofArrays(uri, new RecordedMetadata(uri, stores).view(), manifest, record);
      }
      PlanRecord plan = manifest.plan();
      if (plan == null || stores.open(uri).list("").isEmpty()) {
        return null;
      }
      if (!plan.format().isEmpty() && !manifest.format().perFile()) {
        throw deleted(uri, "its own metadata");
      }
      return ofFiles(uri, stores, manifest, plan);
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read output %s: %s; check the path and your rights".formatted(uri, e), e);
    }
  }

  /** Returns the refusal of an output of which a part is gone. */
  static InvalidInputException deleted(String uri, String part) {
    return new InvalidInputException(
        "Cannot append to %s: %s is gone, as after an interrupted deletion; restore the output from a copy, or delete it and run the same command, or use --overwrite to start again"
            .formatted(uri, part));
  }

  private static AppendTarget ofFiles(
      String uri, ByteStores stores, OutputManifest manifest, PlanRecord plan) throws IOException {
    long images = plan.images();
    boolean complete = RunFolder.of(uri, stores).succeeded();
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    if (!complete) {
      lengths.addAll(plan.lengths());
    }
    // Output files stay as they are; only objects of the input may hold more images.
    Extent pixel = new Extent(1, 1, 1);
    AppendLayout appendLayout =
        new AppendLayout(new StoredLayout(pixel, pixel, false), 0, List.copyOf(lengths));
    SourceFileList files = SourceFileList.read(uri, stores);
    return new AppendTarget(
        manifest, plan.lineage(), complete, images, images, appendLayout, files);
  }

  private static AppendTarget ofArrays(
      String uri, ByteStores stores, OutputManifest manifest, OutputRecord record)
      throws IOException {
    StoredArray array = null;
    for (HeadRecord head : record.heads()) {
      array = manifest.format().array(stores.open(uri), head.name(), record.axes());
      if (array == null) {
        throw deleted(uri, "its array " + head.name());
      }
    }
    if (array == null) {
      throw deleted(uri, "the list of its arrays");
    }
    long images = array.shape().n();
    // A run that was killed after it replaced a shard of a complete output leaves no _SUCCESS.
    boolean reopened =
        record.status() == Status.COMPLETE
            && manifest.plan() != null
            && !RunFolder.of(uri, stores).succeeded();
    boolean complete = record.status() != Status.INCOMPLETE && !reopened;
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    lengths.addAll(record.appending().lengths());
    long plannedImages = lengths.last();
    lengths.addAll(record.lengths());
    AppendLayout appendLayout =
        new AppendLayout(array.layout(), complete ? images : 0, List.copyOf(lengths));
    SourceFileList recorded = SourceFileList.read(uri, stores);
    if (recorded.names().isEmpty()) { // it was made without --append
      recorded.names().addAll(manifest.imageNames());
    }
    return new AppendTarget(
        manifest, record.lineage(), complete, images, plannedImages, appendLayout, recorded);
  }

  /** Returns the output's manifest. */
  OutputManifest manifest() {
    return manifest;
  }

  /** Returns the lineage that identifies the output's receipts. */
  String lineage() {
    return lineage;
  }

  /** Returns the layout of the output and the number of images to keep. */
  AppendLayout appendLayout() {
    return appendLayout;
  }

  /**
   * Returns the names of the input folder's files in the order of the output's images; empty if
   * none are recorded.
   */
  public List<String> imageNames() {
    return files.names();
  }

  /**
   * Returns the same names, with lengths and times of change if the output was made with {@code
   * --append}.
   */
  SourceFileList files() {
    return files;
  }

  /** Returns the number of images of the output, without those of an unfinished append. */
  public long images() {
    return images;
  }

  /** Returns the number of images of the output, including those of an unfinished append. */
  long plannedImages() {
    return plannedImages;
  }

  /**
   * Returns whether all images of {@link #images} are stored. False if a first run, or a run that
   * replaces shards, was left unfinished.
   */
  boolean complete() {
    return complete;
  }

  /** Returns whether the first run has not ended, or objects were deleted. */
  boolean isIncomplete() {
    OutputRecord record = manifest.outputRecord();
    return record != null && record.status() == Status.INCOMPLETE;
  }

  /** Returns whether an append, or a repair of the latest images, has begun and not ended. */
  boolean isAppending() {
    OutputRecord record = manifest.outputRecord();
    return record != null && record.isAppending();
  }

  /**
   * Returns the units of the output's images; for an output of files, those of all images of the
   * input.
   */
  Units units(ArrayInfo input) {
    if (!manifest.hasMetadata()) {
      return Units.files(input);
    }
    FeatureShape shape = input.shape();
    return new Units.Shards(
        new Grid(images, shape.y(), shape.x(), appendLayout.shard(), Offset.NONE));
  }
}
