package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.StoredArray;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Resources;
import org.pointwise.run.manifest.Appending;
import org.pointwise.run.manifest.OutputRecord;
import org.pointwise.run.manifest.PlanRecord;
import org.pointwise.run.manifest.Status;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * An output of an earlier run, to which the images that its input has gained since are appended.
 *
 * <p>Until all new shards are stored, the arrays' metadata keeps the old length, so that a reader
 * sees what was there before; {@code pointwise.appending} says what is coming. The order of a
 * folder's files is kept beside the output from the moment that an append begins.
 */
public final class GrowingOutput {
  private final String uri;
  private final ByteStores stores;
  private final String series;
  private final boolean complete;
  private final long images;
  private final long coming; // with those of an append that has not ended
  private final Growth growth;
  private final ImageList files;

  private GrowingOutput(
      String uri,
      ByteStores stores,
      String series,
      boolean complete,
      long images,
      long coming,
      Growth growth,
      ImageList files) {
    this.uri = uri;
    this.stores = stores;
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
      ByteStore store = stores.open(uri);
      RunFolder folder = RunFolder.of(uri, stores);
      OutputManifest manifest = OutputManifest.read(uri, stores);
      OutputRecord ours = manifest.ours();
      if (ours != null) {
        return ofArrays(uri, stores, manifest.format(), ours, manifest.imageNames());
      }
      PlanRecord plan = manifest.plan();
      if (plan == null || store.list("").isEmpty()) {
        return null;
      }
      long images = plan.images();
      boolean complete = folder.succeeded();
      TreeSet<Long> lengths = new TreeSet<>(List.of(images));
      if (!complete) {
        lengths.addAll(plan.lengths());
      }
      // Each file keeps its place; only objects of the input may hold more images now.
      Extent pixel = new Extent(1, 1, 1);
      Growth growth = new Growth(pixel, pixel, 0, List.copyOf(lengths));
      return new GrowingOutput(
          uri,
          stores,
          plan.series(),
          complete,
          images,
          images,
          growth,
          ImageList.read(uri, stores));
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read output %s: %s; check the path and your rights".formatted(uri, e), e);
    }
  }

  private static GrowingOutput ofArrays(
      String uri,
      ByteStores stores,
      OutputFormat format,
      OutputRecord ours,
      List<String> imageNames)
      throws IOException {
    String first = ours.heads().isEmpty() ? "" : ours.heads().get(0).name();
    StoredArray array = format.array(stores.open(uri), first, ours.axes());
    if (array == null) {
      throw new InvalidInputException(
          "Cannot read output %s: its array %s is gone; use reduce --overwrite to start anew"
              .formatted(uri, first));
    }
    long images = array.shape().n();
    RunFolder folder = RunFolder.of(uri, stores);
    // A run over a complete output that was killed after it had replaced a shard says so there.
    boolean reopened =
        ours.status() == Status.COMPLETE && folder.plan() != null && !folder.succeeded();
    boolean complete = ours.status() != Status.INCOMPLETE && !reopened;
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    lengths.addAll(ours.appending().lengths());
    long coming = lengths.last();
    lengths.addAll(ours.lengths());
    Growth growth =
        new Growth(array.chunk(), array.object(), complete ? images : 0, List.copyOf(lengths));
    ImageList recorded = ImageList.read(uri, stores);
    if (recorded.names().isEmpty()) { // it was not made to be appended to
      recorded.names().addAll(imageNames);
    }
    return new GrowingOutput(
        uri, stores, ours.series(), complete, images, coming, growth, recorded);
  }

  /** How to lay the output out and what to keep. */
  public Growth growth() {
    return growth;
  }

  /** Files of the input's folder in the order in which the output has them; else empty. */
  public List<String> imageNames() {
    return files.names();
  }

  /** Images that the output has as a whole. */
  public long images() {
    return images;
  }

  /** Whether what it says it has is there: no first run was left unfinished. */
  public boolean complete() {
    return complete;
  }

  /**
   * Refuses an input that is not the old one and more.
   *
   * @throws InvalidInputException that names what differs
   */
  public void requireGrown(ReducePlan plan) throws IOException {
    if (pending()) {
      return;
    }
    if (!series.equals(PlanRecord.series(plan))) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with another input, layer or layout (%s); use --overwrite to start anew, or another output"
              .formatted(uri, RunFolder.of(uri, stores).difference(plan)));
    }
    if (plan.input().shape().n() < coming) {
      throw new InvalidInputException(
          "Cannot append to %s: it has %d images%s but its input %s now has %d; a source may only grow, use --overwrite to start anew"
              .formatted(
                  uri,
                  coming,
                  coming > images ? " or is about to" : "",
                  plan.input().uri(),
                  plan.input().shape().n()));
    }
    boolean times = plan.spec().conduct().changed() != ChangedInput.ACCEPT;
    files.requireSame(
        plan.input(),
        uri,
        stores,
        times,
        times
            ? "--overwrite to start anew, or --ignore-modification-times where only times changed"
            : "--overwrite to start anew");
  }

  /** Whether another output takes its place first, as a run will find. */
  private boolean pending() {
    try {
      return new Replacement(uri, stores).ready();
    } catch (IOException e) {
      throw Formats.unreadable(RunFolder.uri(uri), e);
    }
  }

  /**
   * Compares tiles of what is there with what its input gives now. Files are not compared: they are
   * known by the length and the time of change of what they came from. Nor are pixels whose input
   * could not be decoded.
   *
   * @param source the plan's input
   * @param resources of this process, where it runs alone
   * @throws InvalidInputException where they differ, or a tile does not fit into memory
   */
  public void requireSamePast(ReducePlan plan, FeatureSource source, int tiles, Resources resources)
      throws IOException {
    if (tiles == 0 || !complete || plan.spec().format().perFile() || pending()) {
      return;
    }
    List<Box> bad = new ArrayList<>();
    for (long unit : ReceiptFiles.read(plan, RunFolder.of(uri, stores)).unitsWithBad()) {
      plan.units().groups(unit).forEach(bad::addAll);
    }
    boolean tolerant = plan.spec().conduct().bad() == BadInput.NODATA;
    Verification found = new Verification();
    Recomputation recomputation =
        new Recomputation(uri, source, images, new Recomputation.Sample(tiles, 1), stores);
    recomputation.requireFits(resources);
    for (Head head : plan.spec().heads()) {
      recomputation.comparePast(head.name(), head.layer(), bad, tolerant, found);
    }
    if (!found.ok()) {
      throw new InvalidInputException(
          "Cannot append to %s: what is there is not what its input gives now (%s); verify --against shows more, --overwrite computes all again"
              .formatted(uri, found.json().at("/problems/0/detail").asText()));
    }
  }

  /** Records an append before its first shard is stored. */
  static void begin(ReducePlan plan, ByteStores stores, Status status) throws IOException {
    Growth growth = plan.spec().growth();
    if (growth == null || plan.spec().format().perFile()) {
      return;
    }
    long images = plan.input().shape().n();
    TreeSet<Long> lengths = new TreeSet<>(growth.lengths());
    lengths.add(images);
    OutputRecord.reopen(
        plan.spec().format(),
        stores.open(plan.destination()),
        status,
        new Appending(images, List.copyOf(lengths)));
  }
}
