package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.StoredArray;
import org.pointwise.plan.Growth;
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
public final class GrowingOutput {
  private final OutputManifest manifest;
  private final String series;
  private final boolean complete;
  private final long images;
  private final long coming;
  private final Growth growth;
  private final ImageList files;

  private GrowingOutput(
      OutputManifest manifest,
      String series,
      boolean complete,
      long images,
      long coming,
      Growth growth,
      ImageList files) {
    this.manifest = manifest;
    this.series = series;
    this.complete = complete;
    this.images = images;
    this.coming = coming;
    this.growth = growth;
    this.files = files;
  }

  /** What is there; null when there is no output yet. */
  public static @Nullable GrowingOutput read(String uri, ByteStores stores) {
    try {
      OutputManifest manifest = OutputManifest.read(uri, stores);
      OutputRecord ours = manifest.ours();
      if (ours != null) {
        return ofArrays(uri, stores, manifest, ours);
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

  private static GrowingOutput ofFiles(
      String uri, ByteStores stores, OutputManifest manifest, PlanRecord plan) throws IOException {
    long images = plan.images();
    boolean complete = RunFolder.of(uri, stores).succeeded();
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    if (!complete) {
      lengths.addAll(plan.lengths());
    }
    // Each file keeps its place; only objects of the input may hold more images now.
    Extent pixel = new Extent(1, 1, 1);
    Growth growth = new Growth(pixel, pixel, 0, List.copyOf(lengths));
    ImageList files = ImageList.read(uri, stores);
    return new GrowingOutput(manifest, plan.series(), complete, images, images, growth, files);
  }

  private static GrowingOutput ofArrays(
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
    Growth growth =
        new Growth(array.chunk(), array.object(), complete ? images : 0, List.copyOf(lengths));
    ImageList recorded = ImageList.read(uri, stores);
    if (recorded.names().isEmpty()) { // it was not made to be appended to
      recorded.names().addAll(manifest.imageNames());
    }
    return new GrowingOutput(manifest, ours.series(), complete, images, coming, growth, recorded);
  }

  /** What is recorded of it. */
  OutputManifest manifest() {
    return manifest;
  }

  /** By which its receipts are known. */
  String series() {
    return series;
  }

  /** How to lay the output out and what to keep. */
  Growth growth() {
    return growth;
  }

  /** Files of the input's folder in the order in which the output has them; else empty. */
  public List<String> imageNames() {
    return files.names();
  }

  /** The same with their lengths and times of change, where the output was made to grow. */
  ImageList files() {
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
    return new Units.Shards(new Grid(images, shape.y(), shape.x(), growth.shard()));
  }
}
