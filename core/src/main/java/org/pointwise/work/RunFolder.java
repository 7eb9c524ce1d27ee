package org.pointwise.work;

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
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.PlanRecord;

/** {@code OUTPUT.pointwise/} beside the output: plan.json, receipts/, report.json, _SUCCESS. */
public final class RunFolder {
  public static final String PLAN = "plan.json";
  public static final String REPORT = "report.json";
  public static final String METRICS = "report.prom";
  public static final String SUCCESS = "_SUCCESS";

  public static final String IMAGES = "images.json";

  /** What a pass for moments saw of a growing input. */
  public static final String SEEN = "seen.json";

  /** {@link MetadataRecord}. */
  public static final String METADATA = "metadata.json";
  public static final String LAYERS = "layers";

  public static final String RECEIPTS = "receipts";
  public static final String PARTS = "parts";

  /** Empty objects, one for each shard of an append that was stored again. */
  public static final String APPENDED = "appended";

  /** {@link UnitResultCache}. */
  static final String NUMBERS = "numbers";

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
    return new RunFolder(stores.open(uri(output)).withStaging(uri(output) + "/" + ASIDE));
  }

  /** The store of a plan's output, whose folders hold nothing but what is whole. */
  public static ByteStore output(ReducePlan plan, ByteStores stores) {
    String output = plan.spec().output();
    ByteStore store = stores.open(output).withStaging(uri(output) + "/" + ASIDE);
    return plan.spec().policy().sync() ? store : store.withoutSync();
  }

  /** Deletes what killed processes left long ago. */
  public void clean() throws IOException {
    for (String name : store.list(ASIDE)) {
      String key = ASIDE + "/" + name;
      if (System.currentTimeMillis() - store.modified(key) > ASIDE_MILLIS) {
        store.delete(key);
      }
    }
  }

  /** A name that no other run has, and that sorts by time. */
  public static String runName(Instant begun) {
    return "%s-%06x"
        .formatted(RUN_NAME.format(begun), ThreadLocalRandom.current().nextInt(1 << 24));
  }

  /** {@link PlanRecord#fingerprint(StoringPlan)}. */
  public static String fingerprint(StoringPlan plan) {
    return PlanRecord.fingerprint(plan);
  }

  /** {@link PlanRecord#of(MomentsPlan)}. */
  public static PlanRecord describe(MomentsPlan plan) {
    return PlanRecord.of(plan);
  }

  public void writePlan(PlanRecord plan) throws IOException {
    store.put(PLAN, plan.bytes());
  }

  public void writeMetadata(MetadataRecord metadata) throws IOException {
    store.put(METADATA, metadata.bytes());
  }

  /**
   * The output's metadata as a run wrote it; null where none is recorded.
   *
   * @throws org.pointwise.errors.CorruptDataException where the record is damaged
   */
  public @Nullable MetadataRecord metadata() throws IOException {
    byte[] text = store.get(METADATA);
    return text == null ? null : MetadataRecord.parse(text, store.uri() + "/" + METADATA);
  }

  /** The fingerprint of the plan that the folder belongs to; null when there is none. */
  public @Nullable String fingerprint() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? null : plan.fingerprint();
  }

  /** plan.json; null when there is none. */
  public @Nullable PlanRecord plan() throws IOException {
    byte[] text = store.get(PLAN);
    return text == null ? null : PlanRecord.parse(text, store.uri() + "/" + PLAN);
  }

  /** How the heads of the output are compressed, as its plan records; empty where none does. */
  public List<Compression> compressions() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? List.of() : plan.compressions(store.uri() + "/" + PLAN);
  }

  /**
   * What the recorded plan has otherwise, for people.
   *
   * @param plan of another fingerprint
   */
  public String difference(ReducePlan plan) throws IOException {
    PlanRecord recorded = plan();
    return (recorded == null ? PlanRecord.NOTHING : recorded).difference(plan);
  }

  public void writeReport(ObjectNode report) throws IOException {
    store.put(REPORT, JsonText.bytes(report));
    store.put(METRICS, Metrics.text(report).getBytes(StandardCharsets.UTF_8));
  }

  public void markSuccess() throws IOException {
    store.put(SUCCESS, new byte[0]);
  }

  public void clearSuccess() throws IOException {
    store.delete(SUCCESS);
  }

  /** Whether the last run ended well. */
  public boolean succeeded() throws IOException {
    return store.size(SUCCESS) >= 0;
  }

  /**
   * Deletes what runs recorded; who holds the right to write stays recorded, and what another run
   * is writing at this moment lies aside.
   */
  public void delete() throws IOException {
    deleteRuns();
    store.delete(IMAGES);
    store.delete(SEEN);
  }

  /** The same, but for what is recorded of the images of a growing input. */
  public void deleteRuns() throws IOException {
    for (String name :
        List.of(SUCCESS, REPORT, METRICS, RECEIPTS, PARTS, NUMBERS, APPENDED, METADATA, LAYERS, PLAN)) {
      store.delete(name);
    }
  }

  /** Deletes it with the entries of its lock, unless another run lives. */
  public void deleteUnused() throws IOException {
    if (store.list(RunLock.RUNS).isEmpty()) {
      store.delete("");
    }
  }

  public ByteStore store() {
    return store;
  }
}
