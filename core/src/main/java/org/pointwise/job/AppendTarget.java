package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.StoredArray;
import org.pointwise.plan.AppendLayout;
import org.pointwise.plan.Units;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;
import org.pointwise.work.RunFolder;
import org.pointwise.work.manifest.OutputRecord;
import org.pointwise.work.manifest.PlanRecord;
import org.pointwise.work.manifest.Status;

/**
 * An output of an earlier run, whose input may have gained images since: what it holds, and how.
 */
public final class AppendTarget {
  private final OutputManifest manifest;
  private final String lineage;
  private final boolean complete;
  private final long images;
  private final long coming;
  private final AppendLayout appendLayout;
  private final SourceFileList files;

  private AppendTarget(
      OutputManifest manifest,
      String lineage,
      boolean complete,
      long images,
      long coming,
      AppendLayout appendLayout,
      SourceFileList files) {
    this.manifest = manifest;
    this.lineage = lineage;
    this.complete = complete;
    this.images = images;
    this.coming = coming;
    this.appendLayout = appendLayout;
    this.files = files;
  }

  /** What is there; null when there is no output yet. */
  public static @Nullable AppendTarget read(String uri, ByteStores stores) {
    try {
      OutputManifest manifest = OutputManifest.read(uri, stores);
      OutputRecord ours = manifest.ours();
      if (ours != null) {
        return ofArrays(uri, new RecordedMetadata(uri, stores).view(), manifest, ours);
      }
      PlanRecord plan = manifest.plan();
      return plan == null || stores.open(uri).list("").isEmpty()
          ? null
          : ofFiles(uri, stores, manifest, plan);
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read output %s: %s; check the path and your rights".formatted(uri, e), e);
    }
  }

  private static AppendTarget ofFiles(
      String uri, ByteStores stores, OutputManifest manifest, PlanRecord plan) throws IOException {
    long images = plan.images();
    boolean complete = RunFolder.of(uri, stores).succeeded();
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    if (!complete) {
      lengths.addAll(plan.lengths());
    }
    // Each file keeps its place; only objects of the input may hold more images now.
    Extent pixel = new Extent(1, 1, 1);
    AppendLayout appendLayout = new AppendLayout(pixel, pixel, 0, List.copyOf(lengths));
    SourceFileList files = SourceFileList.read(uri, stores);
    return new AppendTarget(
        manifest, plan.lineage(), complete, images, images, appendLayout, files);
  }

  private static AppendTarget ofArrays(
      String uri, ByteStores stores, OutputManifest manifest, OutputRecord ours)
      throws IOException {
    String first = ours.heads().isEmpty() ? "" : ours.heads().get(0).name();
    StoredArray array = manifest.format().array(stores.open(uri), first, ours.axes());
    if (array == null) {
      throw new InvalidInputException(
          "Cannot read output %s: its array %s is gone; use reduce --overwrite to start anew"
              .formatted(uri, first));
    }
    long images = array.shape().n();
    // A run over a complete output that was killed after it had replaced a shard says so there.
    boolean reopened =
        ours.status() == Status.COMPLETE
            && manifest.plan() != null
            && !RunFolder.of(uri, stores).succeeded();
    boolean complete = ours.status() != Status.INCOMPLETE && !reopened;
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    lengths.addAll(ours.appending().lengths());
    long coming = lengths.last();
    lengths.addAll(ours.lengths());
    AppendLayout appendLayout =
        new AppendLayout(
            array.chunk(), array.object(), complete ? images : 0, List.copyOf(lengths));
    SourceFileList recorded = SourceFileList.read(uri, stores);
    if (recorded.names().isEmpty()) { // it was not made to be appended to
      recorded.names().addAll(manifest.imageNames());
    }
    return new AppendTarget(
        manifest, ours.lineage(), complete, images, coming, appendLayout, recorded);
  }

  /** What is recorded of it. */
  OutputManifest manifest() {
    return manifest;
  }

  /** By which its receipts are known. */
  String lineage() {
    return lineage;
  }

  /** How to lay the output out and what to keep. */
  AppendLayout appendLayout() {
    return appendLayout;
  }

  /** Files of the input's folder in the order in which the output has them; else empty. */
  public List<String> imageNames() {
    return files.names();
  }

  /** The same with their lengths and times of change, where the output was made to grow. */
  SourceFileList files() {
    return files;
  }

  /** Images that the output has as a whole. */
  long images() {
    return images;
  }

  /** Images that it has or is about to have, as an append that has not ended began. */
  long coming() {
    return coming;
  }

  /** Whether what it says it has is there: no first run was left unfinished. */
  boolean complete() {
    return complete;
  }

  /** Units of the images that it has; of files, of all that its input has. */
  Units units(ArrayInfo input) {
    if (!manifest.hasMetadata()) {
      return Units.files(input);
    }
    FeatureShape shape = input.shape();
    return new Units.Shards(new Grid(images, shape.y(), shape.x(), appendLayout.shard()));
  }
}
