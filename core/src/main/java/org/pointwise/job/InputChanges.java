package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayInfo.ImageFile;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.Storage;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.InputDigestPlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.TileGrid;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import org.pointwise.work.Progress;
import org.pointwise.work.RunFolder;
import org.pointwise.work.Runner;

/**
 * Checks that the images of a previous moments pass, their labels and their mask are unchanged, by
 * the names, lengths and times of change of their objects. A single file is not checked if it has
 * images of its own, because it changes when it grows. {@link SourceFileList} checks the files of a
 * folder of features. Confined to one thread.
 */
public final class InputChanges {
  private static final String FEATURES = "features";
  private static final String LABELS = "labels";
  private static final String MASK = "mask";

  /**
   * Digests of an array's objects. {@code newest} describes the newest object of past images; empty
   * if there is none.
   */
  private record Found(InputDigests past, InputDigests all, String newest) {
    static final Found NONE = new Found(InputDigests.none(), InputDigests.none(), "");
  }

  private final MomentsPlan plan;
  private final @Nullable MomentsInputRecord previous;
  private final ChangedInput changedInput;
  private final ByteStores stores;
  private SourceFileList files = SourceFileList.NONE;
  private Found features = Found.NONE;
  private Found labels = Found.NONE;
  private Found mask = Found.NONE;

  /**
   * @param previous the record of the pass whose moments are added to; null if unknown
   * @param changedInput what to do if the input changed
   */
  public InputChanges(
      MomentsPlan plan,
      @Nullable MomentsInputRecord previous,
      ChangedInput changedInput,
      ByteStores stores) {
    this.plan = plan;
    this.previous = previous;
    this.changedInput = changedInput;
    this.stores = stores;
  }

  /**
   * Describes how a pass selects pixels and dequantises numbers, except for what a moments file
   * itself records.
   */
  public static String chosen(MomentsPlan plan) {
    return "%s, %s"
        .formatted(
            plan.spec().labels() == null
                ? "no labels"
                : plan.spec().ignored() == null
                    ? "labels"
                    : "labels but for " + plan.spec().ignored(),
            plan.input().describeNumbers());
  }

  /**
   * Reads the status of all objects. The machines of a runner do so for arrays that are stored as
   * grids.
   *
   * @throws IncompleteRunException if the store fails
   */
  void readStatuses(Runner runner) throws IOException {
    if (plan.input().storage() == Storage.GRID) {
      FeatureSource source = Formats.reopen(stores, plan.input());
      features = readStatuses(runner, source);
    }
    files = SourceFileList.of(plan.input(), stores);
    labels = readStatuses(runner, plan.spec().labels());
    mask = readStatuses(runner, plan.input().mask());
  }

  /** Reads the status of the objects of an array of one number per pixel; null for none. */
  private Found readStatuses(Runner runner, @Nullable ArrayInfo info) throws IOException {
    if (info == null) {
      return Found.NONE;
    }
    return switch (info.storage()) {
      case GRID -> readStatuses(runner, Formats.reopen(stores, info));
      case IMAGES -> readStatuses(info.uri(), info.images());
      case FILE -> info.axes().has(Axis.N) ? Found.NONE : readStatuses(info.uri());
    };
  }

  /** Reads the status of a file that all images share. */
  private Found readStatuses(String uri) throws IOException {
    String name = ByteStores.name(uri);
    ByteStore store = stores.open(ByteStores.parent(uri));
    ObjectStatus status = store.statusesOf(List.of(name)).get(0);
    InputDigests digests = InputDigests.of("shared", status);
    return new Found(digests, digests, named(store.uri(), name, status.modified()));
  }

  private Found readStatuses(Runner runner, FeatureSource source) {
    TileGrid tiles = TileGrid.of(source.info());
    InputDigestPlan digestPlan =
        InputDigestPlan.of(
            source.info(),
            source.object(),
            source.objects(tiles.box(0)).size(),
            plan.spec().firstImage());
    double[] numbers;
    try (Runner.Session session = runner.open(digestPlan)) {
      numbers = session.sum(new double[0], Progress.SILENT);
    }
    InputDigests past = InputDigests.of(numbers, 0);
    InputDigests all = InputDigests.of(numbers, InputDigestPlan.SUM);
    int newest = InputDigestPlan.NEWEST;
    long modified = (long) numbers[newest];
    if (modified == 0) {
      return new Found(past, all, "");
    }
    List<String> keys = source.objects(tiles.box((long) numbers[newest + 1]));
    String key = keys.get((int) numbers[newest + 2]);
    return new Found(past, all, named(source.store().uri(), key, modified));
  }

  private Found readStatuses(String uri, List<ImageFile> files) throws IOException {
    Map<String, ObjectStatus> statuses = stores.open(uri).statuses("");
    InputDigests past = InputDigests.none();
    InputDigests all = InputDigests.none();
    long modified = 0;
    String newest = "";
    for (int i = 0; i < files.size(); i++) {
      String name = files.get(i).name();
      ObjectStatus status = statuses.getOrDefault(name, new ObjectStatus(-1, -1));
      InputDigests digests = InputDigests.of("image " + i, status); // the file may be renamed later
      all = all.plus(digests);
      if (i < plan.spec().firstImage()) {
        past = past.plus(digests);
        if (status.modified() > modified) {
          modified = status.modified();
          newest = named(uri, name, modified);
        }
      }
    }
    return new Found(past, all, newest);
  }

  private static String named(String uri, String key, long modified) {
    return "%s/%s, written %s".formatted(uri, key, Instant.ofEpochMilli(modified));
  }

  /**
   * Checks that past images of the input, of the labels and of the mask are unchanged.
   *
   * @throws InvalidInputException that names the newest of their objects
   */
  void requireUnchanged() {
    if (previous != null) {
      requireUnchanged(previous.sums(FEATURES), plan.input().uri(), features);
      ArrayInfo info = plan.spec().labels();
      if (info != null) {
        requireUnchanged(previous.sums(LABELS), info.uri(), labels);
      }
      ArrayInfo masking = plan.input().mask();
      if (masking != null) {
        requireUnchanged(previous.sums(MASK), masking.uri(), mask);
      }
    }
  }

  private void requireUnchanged(JsonNode recorded, String uri, Found current) {
    boolean sameDigest =
        recorded.path("digest").asText().equals(InputDigests.text(current.past.digest()));
    boolean lengths =
        recorded.path("lengths").asText().equals(InputDigests.text(current.past.lengths()));
    if (sameDigest || (changedInput == ChangedInput.ACCEPT && lengths)) {
      return;
    }
    throw new InvalidInputException(
        "Cannot append to %s: objects of the first %s of %s changed since it was made, or were replaced by others (%s); restore them, use --overwrite to start again%s"
            .formatted(
                plan.destination(),
                Count.of(plan.spec().firstImage(), "image"),
                uri,
                current.newest.isEmpty()
                    ? "none of them exists"
                    : "the newest of %d is %s".formatted(current.past.objects(), current.newest),
                lengths
                    ? ", or --ignore-modification-times where only times changed"
                    : "; lengths or the set of objects changed, and not only times"));
  }

  /** Records the observed status, before the moments computed from the input are stored. */
  void record(String data) throws IOException {
    ObjectNode record = JsonText.object();
    record.put("images", plan.input().shape().n()).put("chosen", chosen(plan));
    files.put(record.putObject("files"));
    put(record.putObject(FEATURES), features.all);
    put(record.putObject(LABELS), labels.all);
    put(record.putObject(MASK), mask.all);
    MomentsInputRecord.add(RunFolder.of(plan.destination(), stores), data, record);
  }

  private static void put(ObjectNode json, InputDigests digests) {
    json.put("objects", digests.objects())
        .put("digest", InputDigests.text(digests.digest()))
        .put("lengths", InputDigests.text(digests.lengths()));
  }
}
