package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.StoringPlan;
import org.pointwise.run.manifest.PlanRecord;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;

/** {@code OUTPUT.pointwise/} beside the output: plan.json, receipts/, report.json, _SUCCESS. */
public final class RunFolder {
  static final String PLAN = "plan.json";
  static final String REPORT = "report.json";
  static final String METRICS = "report.prom";
  static final String SUCCESS = "_SUCCESS";

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

  /** {@link PlanRecord#fingerprint(StoringPlan)}. */
  static String fingerprint(StoringPlan plan) {
    return PlanRecord.fingerprint(plan);
  }

  /** {@link PlanRecord#of(MomentsPlan)}. */
  static PlanRecord describe(MomentsPlan plan) {
    return PlanRecord.of(plan);
  }

  void writePlan(PlanRecord plan) throws IOException {
    store.put(PLAN, plan.bytes());
  }

  /** The fingerprint of the plan that the folder belongs to; null when there is none. */
  @Nullable String fingerprint() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? null : plan.fingerprint();
  }

  /** plan.json; null when there is none. */
  @Nullable PlanRecord plan() throws IOException {
    byte[] text = store.get(PLAN);
    return text == null ? null : PlanRecord.parse(text, store.uri() + "/" + PLAN);
  }

  /**
   * How the heads of an output are compressed, as its plan records, or that of the output which is
   * about to take its place; empty where none does.
   */
  public static List<Compression> compressions(String output, ByteStores stores)
      throws IOException {
    Replacement coming = new Replacement(output, stores);
    List<Compression> fresh = coming.ready() ? of(coming.uri(), stores).compressions() : List.of();
    return fresh.isEmpty() ? of(output, stores).compressions() : fresh;
  }

  private List<Compression> compressions() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? List.of() : plan.compressions(store.uri() + "/" + PLAN);
  }

  /**
   * What the recorded plan has otherwise, for people.
   *
   * @param plan of another fingerprint
   */
  String difference(ReducePlan plan) throws IOException {
    PlanRecord recorded = plan();
    return (recorded == null ? PlanRecord.NOTHING : recorded).difference(plan);
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
