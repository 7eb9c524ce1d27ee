package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Compression;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.SplitTiles;
import org.pointwise.plan.StoringPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.PixelSample;

/** {@code OUTPUT.pointwise/} beside the output: plan.json, receipts/, report.json, _SUCCESS. */
public final class RunFolder {
  static final String PLAN = "plan.json";
  static final String REPORT = "report.json";
  static final String METRICS = "report.prom";
  static final String SUCCESS = "_SUCCESS";

  /** The status of an output that has all of its shards. */
  static final String COMPLETE = "complete";

  /** In a plan that appends, {@link Growth#lengths}. */
  static final String LENGTHS = "lengths";

  /** Of a head, where it is normalised. */
  static final String NORMALISE = "normalise";

  private static final String COMPRESSION = "compression";

  static final String IMAGES = "images.json";

  /** {@link SeenInput}. */
  static final String SEEN = "seen.json";

  static final String RECEIPTS = "receipts";
  static final String PARTS = "parts";

  /** Empty objects, one for each shard of an append that was stored again. */
  static final String APPENDED = "appended";

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

  private final ByteStore store;

  /** What is being written lies here; a killed process leaves it. */
  private static final String ASIDE = "aside";

  /** Longer ago begun than this, it is left over. */
  private static final long ASIDE_MILLIS = 24 * 3_600_000;

  private RunFolder(ByteStore store) {
    this.store = store;
  }

  /** Where the folder of an output lies. */
  public static String uri(String output) {
    return output + ".pointwise";
  }

  /** The folder of an output, whether it is there or not. */
  public static RunFolder of(String output, ByteStores stores) {
    return new RunFolder(stores.open(uri(output)).asideIn(uri(output) + "/" + ASIDE));
  }

  /** The store of a plan's output, whose folders hold nothing but what is whole. */
  static ByteStore output(ReducePlan plan, ByteStores stores) {
    String output = plan.spec().output();
    ByteStore store = stores.open(output).asideIn(uri(output) + "/" + ASIDE);
    return plan.spec().conduct().sync() ? store : store.withoutSync();
  }

  /** Deletes what killed processes left long ago. */
  void clean() throws IOException {
    for (String name : store.list(ASIDE)) {
      String key = ASIDE + "/" + name;
      if (System.currentTimeMillis() - store.modified(key) > ASIDE_MILLIS) {
        store.delete(key);
      }
    }
  }

  /** A name that no other run has, and that sorts by time. */
  static String runName(Instant begun) {
    return "%s-%06x"
        .formatted(RUN_NAME.format(begun), ThreadLocalRandom.current().nextInt(1 << 24));
  }

  /** The hash of the plan's facts. */
  public static String fingerprint(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.facts()));
  }

  /** The hash of those facts that stay while the input grows; receipts carry it. */
  static String series(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.seriesFacts()));
  }

  /** The plan as people and programs read it. */
  public static ObjectNode describe(ReducePlan plan) {
    ObjectNode json =
        JsonText.object()
            .put("fingerprint", fingerprint(plan))
            .put("series", series(plan))
            .put("input", plan.input().uri())
            .put("inputFormat", plan.input().description())
            .put("inputAxes", plan.input().axes().toString())
            .put("inputType", plan.input().type().toString())
            .put("output", plan.spec().output())
            .put("outputFormat", plan.spec().format().name())
            .put("outputAxes", plan.output().axes().toString())
            .put("outputType", plan.output().type().toString())
            .put(COMPRESSION, plan.compression())
            .put("overflow", plan.spec().overflow().toString())
            .put("shards", plan.units().count())
            .put("files", plan.files())
            .put("pixels", plan.input().pixels())
            .put("bytesIn", plan.input().bytes())
            .put("bytesOutUncompressed", plan.outputBytes())
            .put("bytesPerTask", plan.bytesPerTask())
            .put("flops", plan.flops());
    ObjectNode shape = json.putObject("inputShape");
    for (Axis axis : plan.input().axes().order()) {
      shape.put(axis.letter(), plan.input().shape().length(axis));
    }
    json.put("tile", plan.input().cell().toString())
        .put("chunk", plan.output().chunk().toString())
        .put("shard", plan.output().shard().toString())
        .put("sharded", plan.output().sharded());
    ArrayNode heads = json.putArray("heads");
    for (Head head : plan.spec().heads()) {
      heads.add(describe(head));
    }
    plan.seriesFacts().forEach(json.putArray("seriesFacts")::add);
    Growth growth = plan.spec().growth();
    if (growth != null) {
      growth.lengths().forEach(json.putArray(LENGTHS)::add);
    }
    return json;
  }

  /** A pass for moments as people and programs read it. */
  public static ObjectNode describe(MomentsPlan plan) {
    PixelSample sample = plan.spec().sample();
    SplitTiles tiles = plan.spec().tiles().of(plan.input());
    ObjectNode json =
        JsonText.object()
            .put("fingerprint", fingerprint(plan))
            .put("input", plan.input().uri())
            .put("inputFormat", plan.input().description())
            .put("inputAxes", plan.input().axes().toString())
            .put("inputType", plan.input().type().toString())
            .put("output", plan.destination())
            .put("units", plan.unitCount())
            .put("cells", plan.units().cells().count())
            .put("pixels", plan.input().pixels())
            .put("channels", plan.input().shape().c())
            .put("bytesIn", plan.input().bytes())
            .put("bytesPerTask", plan.bytesPerTask())
            .put("sample", sample.fraction())
            .put("heldOut", plan.spec().tiles().fraction())
            .put("heldOutTiles", tiles.heldOut())
            .put("tiles", tiles.count())
            .put("seed", sample.all() ? plan.spec().tiles().seed() : sample.seed());
    ArrayInfo labels = plan.spec().labels();
    if (labels != null) {
      json.put("labels", labels.uri()).put("classes", plan.spec().classes());
    }
    return json;
  }

  static ObjectNode describe(Head head) {
    PointwiseLayer layer = head.layer();
    ObjectNode json =
        JsonText.object()
            .put("name", head.name())
            .put("weights", head.source())
            .put("weightsSha256", layer.sha256())
            .put("inChannels", layer.inChannels())
            .put("outChannels", layer.outChannels())
            .put("activation", layer.activation().toString());
    if (layer.normalisation() != Normalisation.NONE) {
      json.put(NORMALISE, layer.normalisation().toString());
    }
    if (!head.ends().isEmpty()) {
      json.put("layerEnds", "before " + head.ends());
    }
    return json;
  }

  void writePlan(ObjectNode plan) throws IOException {
    store.put(PLAN, JsonText.bytes(plan));
  }

  /** The fingerprint of the plan that the folder belongs to; null when there is none. */
  @Nullable String fingerprint() throws IOException {
    ObjectNode plan = plan();
    return plan == null ? null : plan.path("fingerprint").asText();
  }

  /** plan.json; null when there is none. */
  @Nullable ObjectNode plan() throws IOException {
    byte[] text = store.get(PLAN);
    return text == null ? null : JsonText.parse(text, store.uri() + "/" + PLAN);
  }

  /** How the heads of the output are compressed, as its plan records; empty where none does. */
  public List<Compression> compressions() throws IOException {
    ObjectNode plan = plan();
    if (plan == null || !plan.has(COMPRESSION)) {
      return List.of();
    }
    String texts = plan.path(COMPRESSION).asText();
    List<Compression> recorded = new ArrayList<>();
    try {
      for (String text : texts.split(", ")) {
        recorded.add(Compression.parse(text));
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot continue the output of %s/%s: it records compression by '%s', which is not known; give --codec"
              .formatted(store.uri(), PLAN, texts),
          e);
    }
    int heads = plan.path("heads").size();
    return recorded.size() == 1 ? Collections.nCopies(heads, recorded.get(0)) : recorded;
  }

  /**
   * What the recorded plan has otherwise, for people.
   *
   * @param plan of another fingerprint
   */
  String difference(ReducePlan plan) throws IOException {
    List<String> then = new ArrayList<>();
    ObjectNode recorded = plan();
    if (recorded != null) {
      recorded.path("seriesFacts").forEach(fact -> then.add(fact.asText()));
    }
    List<String> now = plan.seriesFacts();
    for (int i = 0; i < Math.min(then.size(), now.size()); i++) {
      if (!then.get(i).equals(now.get(i))) {
        return "then: %s; now: %s".formatted(then.get(i), now.get(i));
      }
    }
    return then.equals(now)
        ? "its input had other metadata or another number of images"
        : "what it was made of is not recorded";
  }

  void writeReport(ObjectNode report) throws IOException {
    store.put(REPORT, JsonText.bytes(report));
    store.put(METRICS, Metrics.text(report).getBytes(StandardCharsets.UTF_8));
  }

  void markSuccess() throws IOException {
    store.put(SUCCESS, new byte[0]);
  }

  void clearSuccess() throws IOException {
    store.delete(SUCCESS);
  }

  /** Whether the last run ended well. */
  public boolean succeeded() throws IOException {
    return store.size(SUCCESS) >= 0;
  }

  /** Deletes what runs recorded; who holds the right to write stays recorded. */
  void delete() throws IOException {
    deleteRuns();
    store.delete(IMAGES);
    store.delete(SEEN);
  }

  /** The same, but for what is recorded of the images of a growing input. */
  void deleteRuns() throws IOException {
    for (String name : List.of(SUCCESS, REPORT, METRICS, RECEIPTS, PARTS, APPENDED, ASIDE, PLAN)) {
      store.delete(name);
    }
  }

  /** Deletes it with the entries of its lock, unless another run lives. */
  void deleteUnused() throws IOException {
    if (store.list(RunLock.RUNS).isEmpty()) {
      store.delete("");
    }
  }

  ByteStore store() {
    return store;
  }
}
