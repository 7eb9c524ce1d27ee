package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Cells;
import org.pointwise.plan.ChangedInput;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.store.ByteStore.Stamp;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.ArrayInfo.ImageFile;

/**
 * Whether the images that an earlier pass saw, and their labels, are as they were, by the names,
 * lengths and times of change of their objects; recorded in the run folder for each number of
 * images that a pass has begun with. Nothing is known of a single file, which changes as it grows;
 * the files of a folder of features are an {@link ImageList}'s. Confined to one thread.
 */
final class PastInput {
  /** Sums of an array's objects; {@code newest} names one of the past, or is empty. */
  private record Found(InputStamps past, InputStamps all, String newest) {
    static final Found NOTHING = new Found(InputStamps.none(), InputStamps.none(), "");
  }

  private final MomentsPlan plan;
  private final ByteStores stores;
  private final RunFolder folder;
  private Found features = Found.NOTHING;
  private Found labels = Found.NOTHING;

  PastInput(MomentsPlan plan, ByteStores stores) {
    this.plan = plan;
    this.stores = stores;
    this.folder = RunFolder.of(plan.destination(), stores);
  }

  /**
   * Looks at the objects, those of Zarr arrays on the machines of a runner.
   *
   * @throws IncompleteRunException when the store fails
   */
  void look(Runner runner) throws IOException {
    if (plan.input().container() == ArrayInfo.Container.ZARR) {
      FeatureSource source = Sources.reopen(stores, plan.input(), plan.dequantisation());
      features = look(runner, source, false);
    }
    ArrayInfo info = plan.spec().labels();
    if (info != null && info.container() == ArrayInfo.Container.ZARR) {
      labels = look(runner, Sources.reopenLabels(stores, info), true);
    } else if (info != null && info.images() != null) {
      labels = look(info.uri(), info.images());
    }
  }

  private Found look(Runner runner, FeatureSource source, boolean ofLabels) {
    Cells cells = Cells.of(source.info());
    InputStampsPlan look =
        InputStampsPlan.of(
            source.info(),
            source.dequantisation(),
            ofLabels,
            source.object(),
            source.objects(cells.box(0)).size(),
            plan.spec().firstImage());
    InputStamps past = InputStamps.none();
    InputStamps all = InputStamps.none();
    double[] newest = new double[InputStamps.Unit.ANSWER];
    try (Runner.Session session = runner.open(look)) {
      for (double[] answer : session.map(new double[0], Progress.SILENT)) {
        past = past.plus(InputStamps.of(answer, 0));
        all = all.plus(InputStamps.of(answer, InputStamps.LENGTH));
        if (answer[2 * InputStamps.LENGTH] > newest[2 * InputStamps.LENGTH]) {
          newest = answer;
        }
      }
    }
    long modified = (long) newest[2 * InputStamps.LENGTH];
    if (modified == 0) {
      return new Found(past, all, "");
    }
    List<String> keys = source.objects(cells.box((long) newest[2 * InputStamps.LENGTH + 1]));
    String key = keys.get((int) newest[2 * InputStamps.LENGTH + 2]);
    return new Found(past, all, named(source.store().uri(), key, modified));
  }

  private Found look(String uri, List<ImageFile> files) throws IOException {
    Map<String, Stamp> stamps = stores.open(uri).stamps("");
    InputStamps past = InputStamps.none();
    InputStamps all = InputStamps.none();
    long modified = 0;
    String newest = "";
    for (int i = 0; i < files.size(); i++) {
      String name = files.get(i).name();
      Stamp stamp = stamps.getOrDefault(name, new Stamp(-1, -1));
      all = all.plus(InputStamps.of(name, stamp));
      if (i < plan.spec().firstImage()) {
        past = past.plus(InputStamps.of(name, stamp));
        if (stamp.modified() > modified) {
          modified = stamp.modified();
          newest = named(uri, name, modified);
        }
      }
    }
    return new Found(past, all, newest);
  }

  private static String named(String uri, String key, long modified) {
    return "%s/%s, written %s".formatted(uri, key, Instant.ofEpochMilli(modified));
  }

  /** What a pass recorded; null where it recorded nothing. */
  private @Nullable JsonNode recorded(long images) throws IOException {
    byte[] text = folder.store().get(RunFolder.INPUTS);
    if (text != null) {
      JsonNode json = JsonText.parse(text, folder.store().uri() + "/" + RunFolder.INPUTS);
      for (JsonNode pass : json.path("passes")) {
        if (pass.path("images").asLong() == images) {
          return pass;
        }
      }
    }
    return null;
  }

  /**
   * Refuses an input, or labels, whose past changed.
   *
   * @throws InvalidInputException that names the newest of its objects
   */
  void requireSame(ChangedInput answer) throws IOException {
    JsonNode then = recorded(plan.spec().firstImage());
    if (then == null) {
      return;
    }
    requireSame(then, plan.input().uri(), features, answer);
    ArrayInfo info = plan.spec().labels();
    if (info != null && then.has("labels")) {
      requireSame(then.path("labels"), info.uri(), labels, answer);
    }
  }

  private void requireSame(JsonNode then, String uri, Found now, ChangedInput answer) {
    boolean same = then.path("digest").asText().equals(InputStamps.text(now.past.digest()));
    boolean lengths = then.path("lengths").asText().equals(InputStamps.text(now.past.lengths()));
    if (same || (answer == ChangedInput.ACCEPT && lengths)) {
      return;
    }
    throw new InvalidInputException(
        "Cannot append to %s: objects of the first %d images of %s changed since it was made (%s); restore them, use --overwrite to start anew%s"
            .formatted(
                plan.destination(),
                plan.spec().firstImage(),
                uri,
                now.newest.isEmpty()
                    ? "none of them is there"
                    : "the newest of %d is %s".formatted(now.past.objects(), now.newest),
                lengths
                    ? ", or --ignore-modification-times where only times changed"
                    : "; lengths changed, or which objects are there, and not only times"));
  }

  /**
   * Records, before the pass begins, the images that there are now and, until it has ended, those
   * that the last one saw; or that nothing is recorded.
   */
  void record(boolean records) throws IOException {
    if (!records) {
      folder.store().delete(RunFolder.INPUTS);
      return;
    }
    ObjectNode json = JsonText.object();
    ArrayNode passes = json.putArray("passes");
    add(passes, plan.spec().firstImage(), features.past, labels.past);
    add(passes, plan.input().shape().n(), features.all, labels.all);
    folder.store().put(RunFolder.INPUTS, JsonText.bytes(json));
  }

  private void add(ArrayNode passes, long images, InputStamps ofFeatures, InputStamps ofLabels) {
    ObjectNode pass = passes.addObject().put("images", images);
    put(pass, ofFeatures);
    if (plan.spec().labels() != null) {
      put(pass.putObject("labels"), ofLabels);
    }
  }

  private static void put(ObjectNode json, InputStamps found) {
    json.put("objects", found.objects())
        .put("digest", InputStamps.text(found.digest()))
        .put("lengths", InputStamps.text(found.lengths()));
  }
}
