package org.pointwise.work;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Compression;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.StoringPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.work.manifest.MetadataRecord;
import org.pointwise.work.manifest.PlanRecord;

/**
 * The run folder {@code OUTPUT.pointwise/} beside an output: plan.json, receipts/, report.json,
 * _SUCCESS.
 */
public final class RunFolder {
  public static final String PLAN = "plan.json";
  public static final String REPORT = "report.json";
  public static final String METRICS = "report.prom";
  public static final String SUCCESS = "_SUCCESS";

  public static final String IMAGES = "images.json";

  /** The images that the latest append added, one index or file name per line. */
  public static final String NEW_IMAGES = "new-images.txt";

  /** The record of a moments pass over a growing input. */
  public static final String MOMENTS_INPUT = "seen.json";

  /** A {@link MetadataRecord}. */
  public static final String METADATA = "metadata.json";

  public static final String LAYERS = "layers";

  public static final String RECEIPTS = "receipts";
  public static final String PARTS = "parts";

  /** Folder of empty marker objects, one for each shard that an append has stored again. */
  public static final String APPENDED = "appended";

  /** The inputs from which the images of an output come. */
  public static final String SOURCES = "sources.json";

  /** Folder of objects as they were before an append of new images; deleted when it ends. */
  public static final String PAST_OBJECTS = "past";

  /**
   * Folder of the objects of coordinates of all images, until an append of new images has stored
   * these objects in the output.
   */
  public static final String NEW_COORDINATES = PAST_OBJECTS + "/new-coordinates";

  /**
   * Folder of the counts of units with images before and after the latest append of new images, for
   * those before it.
   */
  public static final String PAST_COUNTS = "past-counts";

  /** Folder of the {@link UnitResultCache}. */
  static final String RESULT_CACHE = "numbers";

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

  private static final int RUN_NAME_LENGTH = 19; // without its random part

  private final ByteStore store;

  /** Folder of objects that are being written; a killed process leaves them behind. */
  private static final String STAGING = "aside";

  /** Objects in {@link #STAGING} that are older than this are left over. */
  private static final long STAGING_MAX_AGE_MILLIS = 24 * 3_600_000;

  private RunFolder(ByteStore store) {
    this.store = store;
  }

  /** The path of the run folder of an output. */
  public static String uri(String output) {
    return output + ".pointwise";
  }

  /** The folder for objects of an output that are being written. */
  public static String staging(String output) {
    return uri(output) + "/" + STAGING;
  }

  /** The run folder of an output, whether it exists or not. */
  public static RunFolder of(String output, ByteStores stores) {
    return new RunFolder(stores.open(uri(output)).withStaging(staging(output)));
  }

  /**
   * The store of a plan's output. Its folders contain complete objects only: incomplete objects lie
   * in the run folder.
   */
  public static ByteStore output(ReducePlan plan, ByteStores stores) {
    String output = plan.spec().output();
    ByteStore store = stores.open(output).withStaging(staging(output));
    return plan.spec().policy().sync() ? store : store.withoutSync();
  }

  /** Deletes old objects that killed processes left behind. */
  public void clean() throws IOException {
    for (String name : store.list(STAGING)) {
      String key = STAGING + "/" + name;
      if (System.currentTimeMillis() - store.modified(key) > STAGING_MAX_AGE_MILLIS) {
        store.delete(key);
      }
    }
  }

  /**
   * Returns a unique name for a run that begins now. It sorts after those of all runs that have
   * left receipts, whose clocks may differ.
   */
  public String nextRunName() throws IOException {
    String name = runName(Instant.now());
    String latest =
        store.list(RECEIPTS).stream()
            .filter(receipts -> receipts.matches("[\\d-]{19}-.*"))
            .reduce("", (one, other) -> one.compareTo(other) > 0 ? one : other);
    if (latest.compareTo(name) < 0) {
      return name;
    }
    try {
      Instant started = RUN_NAME.parse(latest.substring(0, RUN_NAME_LENGTH), Instant::from);
      return runName(started.plusMillis(1));
    } catch (DateTimeParseException e) {
      return name; // no run made such a file
    }
  }

  /** A unique name for a run; names sort by time. */
  public static String runName(Instant started) {
    return "%s-%06x"
        .formatted(RUN_NAME.format(started), ThreadLocalRandom.current().nextInt(1 << 24));
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

  /** Writes a plan if none is stored. */
  public void restorePlan(PlanRecord plan) throws IOException {
    if (plan() == null) {
      writePlan(plan);
    }
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
    Bytes text = new Bytes();
    try {
      return store.read(METADATA, text, MetadataRecord.MAX_BYTES)
          ? MetadataRecord.parse(text.toArray(), store.uri() + "/" + METADATA)
          : null;
    } catch (ByteStore.TooLongException e) {
      throw MetadataRecord.damaged(store.uri() + "/" + METADATA, e);
    }
  }

  /** The fingerprint of the plan of this folder; null where no plan is recorded. */
  public @Nullable String fingerprint() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? null : plan.fingerprint();
  }

  /** The content of plan.json; null where it does not exist. */
  public @Nullable PlanRecord plan() throws IOException {
    byte[] text = store.get(PLAN);
    return text == null ? null : PlanRecord.parse(text, store.uri() + "/" + PLAN);
  }

  /** The compression of each head, as plan.json records it; empty where no plan is recorded. */
  public List<Compression> compressions() throws IOException {
    PlanRecord plan = plan();
    return plan == null ? List.of() : plan.compressions(store.uri() + "/" + PLAN);
  }

  /**
   * Describes for people how the recorded plan differs from another plan.
   *
   * @param plan plan with another fingerprint
   */
  public String difference(ReducePlan plan) throws IOException {
    PlanRecord recorded = plan();
    return (recorded == null ? PlanRecord.EMPTY : recorded).difference(plan);
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

  /** Whether the last run succeeded. */
  public boolean succeeded() throws IOException {
    return store.size(SUCCESS) >= 0;
  }

  /** Whether a run has ended. */
  public boolean hasReport() throws IOException {
    return store.size(REPORT) >= 0;
  }

  /**
   * Deletes all records of runs. The locks stay. Objects that another run is writing lie in {@code
   * aside/} and are not affected.
   */
  public void delete() throws IOException {
    deleteRuns();
    store.delete(IMAGES);
    store.delete(MOMENTS_INPUT);
  }

  /** Deletes the same records, except those of the images of a growing input. */
  public void deleteRuns() throws IOException {
    for (String name :
        List.of(
            SUCCESS,
            REPORT,
            METRICS,
            NEW_IMAGES,
            RECEIPTS,
            PARTS,
            RESULT_CACHE,
            APPENDED,
            SOURCES,
            PAST_OBJECTS,
            PAST_COUNTS,
            METADATA,
            PLAN)) {
      store.delete(name);
    }
    // The folder stays, because a run that begins at the same time may be storing its layers there.
    for (String layer : store.list(LAYERS)) {
      store.delete(LAYERS + "/" + layer);
    }
  }

  /** Deletes the records from which the output's metadata and earlier objects can be restored. */
  public void deleteRestorable() throws IOException {
    for (String name : List.of(METADATA, PAST_OBJECTS, PAST_COUNTS, APPENDED)) {
      store.delete(name);
    }
  }

  /** Deletes the folder with its lock entries, unless another run is alive. */
  public void deleteUnused() throws IOException {
    if (store.list(RunLock.RUNS).isEmpty()) {
      store.delete("");
    }
  }

  public ByteStore store() {
    return store;
  }
}
