package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.RecordedOutput;
import org.pointwise.format.StoredArray;
import org.pointwise.plan.BadInput;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Resources;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
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
  private final ObjectNode ours; // the group's "pointwise", or the run folder's plan
  private final boolean complete;
  private final long images;
  private final Growth growth;
  private final ImageList files;

  private GrowingOutput(
      String uri,
      ByteStores stores,
      ObjectNode ours,
      boolean complete,
      long images,
      Growth growth,
      ImageList files) {
    this.uri = uri;
    this.stores = stores;
    this.ours = ours;
    this.complete = complete;
    this.images = images;
    this.growth = growth;
    this.files = files;
  }

  /** What is there; null when there is no output yet. */
  public static @Nullable GrowingOutput read(String uri, ByteStores stores) {
    try {
      ByteStore store = stores.open(uri);
      RunFolder folder = RunFolder.of(uri, stores);
      OutputManifest manifest = OutputManifest.read(uri, stores);
      RecordedOutput inside = manifest.inside();
      ObjectNode ours = manifest.ours();
      if (inside != null && ours != null) {
        return ofArrays(uri, stores, inside.format(), ours, inside.imageNames());
      }
      ObjectNode plan = manifest.plan();
      if (plan == null || store.list("").isEmpty()) {
        return null;
      }
      long images = plan.path("inputShape").path("n").asLong(1);
      boolean complete = folder.succeeded();
      TreeSet<Long> lengths = new TreeSet<>(List.of(images));
      if (!complete) {
        plan.path(RunFolder.LENGTHS).forEach(length -> lengths.add(length.asLong()));
      }
      // Each file keeps its place; only objects of the input may hold more images now.
      Extent pixel = new Extent(1, 1, 1);
      Growth growth = new Growth(pixel, pixel, 0, List.copyOf(lengths));
      return new GrowingOutput(
          uri, stores, plan, complete, images, growth, ImageList.read(uri, stores));
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read output %s: %s; check the path and your rights".formatted(uri, e), e);
    }
  }

  private static GrowingOutput ofArrays(
      String uri, ByteStores stores, OutputFormat format, ObjectNode ours, List<String> imageNames)
      throws IOException {
    Axes axes = Axes.parse(ours.path("axes").asText());
    String first = ours.path("heads").path(0).path("name").asText();
    StoredArray array = format.array(stores.open(uri), first, axes);
    if (array == null) {
      throw new InvalidInputException(
          "Cannot read output %s: its array %s is gone; use reduce --overwrite to start anew"
              .formatted(uri, first));
    }
    long images = array.shape().n();
    String status = ours.path("status").asText();
    RunFolder folder = RunFolder.of(uri, stores);
    // A run over a complete output that was killed after it had replaced a shard says so there.
    boolean reopened =
        status.equals(RunFolder.COMPLETE) && folder.plan() != null && !folder.succeeded();
    boolean complete = !status.equals("incomplete") && !reopened;
    TreeSet<Long> lengths = new TreeSet<>(List.of(images));
    ours.path("appending").path("lengths").forEach(length -> lengths.add(length.asLong()));
    ours.path(RunFolder.LENGTHS).forEach(length -> lengths.add(length.asLong()));
    Growth growth =
        new Growth(array.chunk(), array.object(), complete ? images : 0, List.copyOf(lengths));
    ImageList recorded = ImageList.read(uri, stores);
    if (recorded.names().isEmpty()) { // it was not made to be appended to
      recorded.names().addAll(imageNames);
    }
    return new GrowingOutput(uri, stores, ours, complete, images, growth, recorded);
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
    if (!ours.path("series").asText().equals(RunFolder.series(plan))) {
      throw new InvalidInputException(
          "Cannot append to %s: it was made with another input, layer or layout (%s); use --overwrite to start anew, or another output"
              .formatted(uri, RunFolder.of(uri, stores).difference(plan)));
    }
    long coming = images;
    for (JsonNode length : ours.path("appending").path("lengths")) {
      coming = Math.max(coming, length.asLong());
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
  static void begin(ReducePlan plan, ByteStores stores, String status) throws IOException {
    Growth growth = plan.spec().growth();
    if (growth == null || plan.spec().format().perFile()) {
      return;
    }
    plan.spec()
        .format()
        .reopen(
            stores.open(plan.destination()),
            ours -> {
              ours.put("status", status);
              ObjectNode appending = ours.putObject("appending");
              appending.put("images", plan.input().shape().n());
              ArrayNode lengths = appending.putArray("lengths");
              TreeSet<Long> all = new TreeSet<>(growth.lengths());
              all.add(plan.input().shape().n());
              all.forEach(lengths::add);
            });
  }
}
