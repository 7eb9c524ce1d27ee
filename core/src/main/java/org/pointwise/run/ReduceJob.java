package org.pointwise.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.Growth;
import org.pointwise.plan.Head;
import org.pointwise.plan.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Nodata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.store.zarr.ZarrGroupWriter;
import org.pointwise.store.zarr.ZarrNodes;
import org.pointwise.store.zarr.ZarrSource;
import org.pointwise.store.zarr.ZstdJvm;
import org.pointwise.store.zarr.ZstdLibrary;
import org.pointwise.tensor.ArrayInfo.ImageFile;
import org.pointwise.tensor.Axis;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A reduction from its plan to its report: what the driver does around the units. */
public final class ReduceJob {
  private static final Logger LOG = LoggerFactory.getLogger(ReduceJob.class);

  /** What to do with an output that is there already. */
  public enum Existing {
    /** Continue it where the same plan made it, else refuse. */
    CONTINUE,
    /** Make a new one, and have it take the place of what is there when it is complete. */
    OVERWRITE,
    /** Delete it, if it is ours, before the work begins. */
    OVERWRITE_NOW,
    /** Add the images that the input has gained, where the plan says so. */
    APPEND
  }

  private static final String COMPLETE = "complete";

  /** Chunks that a report names at most. */
  private static final int MOST_UNREADABLE = 1000;

  private final ByteStores stores;
  private final ReducePlan plan;
  private final FeatureSource source;
  private final String fingerprint;
  private final String software;

  /**
   * @param source the plan's input, for its companions
   * @param software version to record
   */
  public ReduceJob(ByteStores stores, ReducePlan plan, FeatureSource source, String software) {
    this.stores = stores;
    this.plan = plan;
    this.source = source;
    this.fingerprint = RunFolder.fingerprint(plan);
    this.software = software;
  }

  /**
   * Runs to the end, or continues a run of the same plan.
   *
   * @param startedNanos when the command began, by {@link System#nanoTime}
   * @return the report
   */
  public ObjectNode run(Runner runner, Existing existing, Progress progress, long startedNanos) {
    ZstdJvm.requireSafe(plan.spec().compression());
    RunFolder folder = RunFolder.of(plan.spec().output(), stores);
    String run = RunFolder.runName(Instant.now());
    try {
      require(existing, folder);
      boolean replaces = existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW;
      // Who deletes what is there shares with nobody.
      String claim = replaces ? fingerprint + "-" + run : fingerprint;
      try (RunLock lock = RunLock.acquire(folder, plan.destination(), run, claim)) {
        Replacement replacement = new Replacement(plan.destination(), stores);
        boolean exchanged = replacement.ready(); // and cut short
        if (exchanged) {
          replacement.exchange();
        }
        boolean ours = exchanged && fingerprint.equals(existingFingerprint(folder));
        if (existing == Existing.OVERWRITE && stays(folder) && !ours) {
          return replace(replacement, runner, progress, startedNanos, lock);
        }
        return run(runner, existing, progress, startedNanos, folder, run, lock);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new IncompleteRunException(
          "Cannot write to %s: %s; mend the cause and run the same command again to continue"
              .formatted(plan.spec().output(), e),
          e);
    }
  }

  /**
   * Whether what is there is kept until a new output is complete: no unfinished one of this plan.
   */
  private boolean stays(RunFolder folder) throws IOException {
    String found = existingFingerprint(folder);
    return found != null && !(found.equals(fingerprint) && !complete(folder));
  }

  private boolean complete(RunFolder folder) throws IOException {
    ObjectNode attributes = ZarrNodes.groupAttributes(stores.open(plan.destination()), "");
    return attributes == null
        ? folder.succeeded()
        : attributes.path("pointwise").path("status").asText().equals(COMPLETE);
  }

  /** Makes a new output beside the one that is there, or continues one, and exchanges them. */
  private ObjectNode replace(
      Replacement replacement, Runner runner, Progress progress, long startedNanos, RunLock lock)
      throws IOException {
    ReducePlan aside =
        ReducePlan.of(plan.spec().at(replacement.uri()), plan.input(), plan.dequantisation());
    ReduceJob job = new ReduceJob(stores, aside, source, software);
    String begun = job.existingFingerprint(RunFolder.of(replacement.uri(), stores));
    Existing existing = fingerprint.equals(begun) ? Existing.CONTINUE : Existing.OVERWRITE_NOW;
    ObjectNode report = job.run(runner, existing, progress, startedNanos);
    lock.requireHeld();
    replacement.exchange();
    return report.put("output", plan.destination());
  }

  private ObjectNode run(
      Runner runner,
      Existing existing,
      Progress progress,
      long startedNanos,
      RunFolder folder,
      String run,
      RunLock lock)
      throws IOException {
    prepare(existing, folder, lock);
    long begun = System.nanoTime();
    LOG.info(
        "Run {}: shards {} to {} of {} by {}",
        run,
        plan.firstUnit(),
        plan.unitCount(),
        plan.destination(),
        runner.describe());
    RunTotals totals = runner.run(plan, run, progress);
    long ended = System.nanoTime();
    long units = plan.unitCount() - plan.firstUnit();
    if (totals.units() != units) {
      throw new IncompleteRunException(
          "Cannot account for all shards: %d of %d ended; run the same command again to continue"
              .formatted(totals.units(), units));
    }
    RunReport.Whole whole = whole(totals, folder);
    lock.requireHeld();
    writeMetadata(COMPLETE);
    folder.store().delete(RunFolder.APPENDED);
    folder.clean();
    ObjectNode report =
        RunReport.of(plan, runner, whole, totals, startedNanos, begun, ended, software);
    ArrayNode heads = report.putArray("heads");
    plan.spec().heads().forEach(head -> heads.add(RunFolder.describe(head)));
    if (whole.counts().bad() > 0) {
      List<String> unreadable = ReceiptFiles.read(plan, folder).unreadable();
      report.put("unreadableChunks", unreadable.size());
      ArrayNode lines = report.putArray("unreadable");
      unreadable.stream().limit(MOST_UNREADABLE).forEach(lines::add);
    }
    LOG.info(
        "Run {} ended: {} shards written, {} already there, {} empty, {} tasks retried",
        run,
        totals.written(),
        totals.alreadyThere(),
        totals.empty(),
        totals.retriedTasks());
    folder.writeReport(report);
    if (lock.alone()) {
      ReceiptFiles.compact(folder); // others replace their files by longer ones
    }
    folder.markSuccess();
    return report;
  }

  /** The shards that this run was handed, and those before them that stay as they are. */
  private RunReport.Whole whole(RunTotals totals, RunFolder folder) throws IOException {
    long bytesOut = totals.bytesOut();
    UnitCounts counts = totals.counts();
    EarlierObjects earlier = plan.firstUnit() == 0 ? null : ReceiptFiles.read(plan, folder);
    for (long unit = 0; earlier != null && unit < plan.firstUnit(); unit++) {
      counts = counts.plus(earlier.counts(unit));
      for (int head = 0; head < plan.spec().heads().size(); head++) {
        bytesOut += Math.max(0, earlier.expected(unit, head, "").bytes());
      }
    }
    return new RunReport.Whole(plan.input().pixels(), plan.input().bytes(), bytesOut, counts);
  }

  /**
   * Refuses what must not be touched, and writes nothing.
   *
   * @return the fingerprint of the output that is there; null where there is none
   */
  private @Nullable String require(Existing existing, RunFolder folder) throws IOException {
    new OutputGuard(stores)
        .reads(plan.input().uri())
        .writes(plan.spec().output())
        .writes(RunFolder.uri(plan.spec().output()))
        .requireApart();
    Replacement replacement = new Replacement(plan.destination(), stores);
    if (replacement.ready()) {
      return null; // a new output takes its place first
    }
    String found = existingFingerprint(folder);
    if (found != null && !found.equals(fingerprint) && existing == Existing.CONTINUE) {
      throw new InvalidInputException(
          "Cannot write to %s: it holds the output of another plan (fingerprint %.12s, this one is %.12s); use --overwrite to replace it, --append where its input has only grown, or another output"
              .formatted(plan.spec().output(), found, fingerprint));
    }
    if (existing == Existing.OVERWRITE && stays(folder)) {
      replacement.requirePossible();
    }
    return found;
  }

  /**
   * What a run would do with the output that is there, for people; empty where there is none.
   *
   * @throws InvalidInputException where it would be refused
   */
  public String describeExisting(Existing existing) {
    RunFolder folder = RunFolder.of(plan.spec().output(), stores);
    try {
      if (require(existing, folder) == null) {
        return "";
      }
      return switch (existing) {
        case CONTINUE -> "of the same plan; only shards that are not there are computed";
        case APPEND -> "grows by the images that the input has gained";
        case OVERWRITE_NOW -> "is deleted before the work begins";
        case OVERWRITE ->
            stays(folder)
                ? "stays until the new output is complete, which needs room for both; then it is deleted"
                : "unfinished, of the same plan; only shards that are not there are computed";
      };
    } catch (IOException e) {
      throw new InvalidInputException(
          "Cannot read %s: %s; check the path and your rights".formatted(plan.destination(), e), e);
    }
  }

  /** Clears what may be replaced, and writes the metadata. */
  private void prepare(Existing existing, RunFolder folder, RunLock lock) throws IOException {
    String found = require(existing, folder);
    if (existing == Existing.APPEND && !fingerprint.equals(found)) {
      requireAsPlanned();
    }
    folder.clearSuccess();
    if (found != null && !found.equals(fingerprint) && existing == Existing.APPEND) {
      ImageList.record(plan.input(), plan.destination(), stores);
      Growth growth = plan.spec().growth();
      GrowingOutput.begin(
          plan, stores, growth != null && growth.kept() > 0 ? "appending" : "incomplete");
      folder.writePlan(RunFolder.describe(plan));
      return;
    }
    if (existing == Existing.OVERWRITE || existing == Existing.OVERWRITE_NOW) {
      new Replacement(plan.destination(), stores).delete();
    }
    if (found == null && !lock.shared()) {
      folder.delete(); // what is left of an output that is gone
    } else if (found != null && existing == Existing.OVERWRITE_NOW) {
      stores.open(plan.spec().output()).delete("");
      folder.delete();
    }
    if (existing == Existing.APPEND) {
      ImageList.record(plan.input(), plan.destination(), stores);
    }
    folder.writePlan(RunFolder.describe(plan));
    writeMetadata("incomplete");
  }

  /** An append is planned from what is there, which another may have appended to since. */
  private void requireAsPlanned() {
    GrowingOutput now = GrowingOutput.read(plan.destination(), stores);
    if (!Objects.equals(plan.spec().growth(), now == null ? null : now.growth())) {
      throw new IncompleteRunException(
          "Cannot append to %s: another run has changed it since this one was planned; run the same command again"
              .formatted(plan.destination()));
    }
  }

  private @Nullable String existingFingerprint(RunFolder folder) throws IOException {
    String uri = plan.spec().output();
    ByteStore output = stores.open(uri);
    if (output.size("") >= 0) {
      throw new InvalidInputException(
          "Cannot write to %s: it is a file; choose another output".formatted(uri));
    }
    if (output.list("").isEmpty()) {
      return null;
    }
    String fromFolder = folder.fingerprint();
    ObjectNode attributes = ZarrNodes.groupAttributes(output, "");
    if (attributes != null && attributes.path("pointwise").has("fingerprint")) {
      return attributes.path("pointwise").path("fingerprint").asText();
    }
    if (fromFolder == null) {
      throw new InvalidInputException(
          "Cannot write to %s: it exists and is not ours; choose another output, or remove it"
              .formatted(uri));
    }
    return fromFolder;
  }

  private void writeMetadata(String status) throws IOException {
    if (plan.spec().format() == OutputFormat.NPY) {
      return;
    }
    ByteStore store = RunFolder.output(plan, stores);
    ZarrGroupWriter writer =
        new ZarrGroupWriter(store, plan.spec().format() == OutputFormat.ZARR3 ? 3 : 2);
    for (Head head : plan.spec().heads()) {
      ObjectNode attributes =
          source instanceof ZarrSource zarr ? zarr.survivingAttributes() : JsonText.object();
      attributes.set("pointwise", RunFolder.describe(head));
      writer.writeArray(Output.layout(plan, head), attributes);
    }
    if (source instanceof ZarrSource zarr) {
      for (String left : writer.copyCoordinates(zarr.array(), surviving())) {
        LOG.warn("Coordinate left out: {}", left);
      }
    }
    writer.writeGroup(groupAttributes(status), status.equals(COMPLETE));
  }

  /** Names of the dimensions that a reduction keeps: all but the channels. */
  private List<String> surviving() {
    int channel = plan.output().axes().indexOf(Axis.C);
    List<String> names = new ArrayList<>(plan.output().dimensionNames());
    names.remove(channel);
    return names;
  }

  private ObjectNode groupAttributes(String status) throws IOException {
    ObjectNode attributes =
        source instanceof ZarrSource zarr ? zarr.survivingGroupAttributes() : JsonText.object();
    ObjectNode ours =
        attributes
            .putObject("pointwise")
            .put("status", status)
            .put("fingerprint", fingerprint)
            .put("series", RunFolder.series(plan))
            .put("version", software)
            .put("zstd", ZstdLibrary.version())
            .put("source", plan.input().uri())
            .put("sourceIdentity", plan.input().identity())
            .put("axes", plan.output().axes().toString())
            .put("shards", plan.units().count());
    ObjectNode quantisation = ours.putObject("sourceQuantisation");
    quantisation
        .put("scale", plan.dequantisation().scale())
        .put("offset", plan.dequantisation().offset());
    Nodata nodata = plan.dequantisation().nodata();
    if (nodata != null) {
      quantisation.put("nodata", nodata.toString());
    }
    quantisation.put("missingChunks", plan.dequantisation().missing().toString());
    ArrayNode heads = ours.putArray("heads");
    plan.spec().heads().forEach(head -> heads.add(RunFolder.describe(head)));
    List<ImageFile> images = plan.input().images();
    if (images != null) {
      ArrayNode names = attributes.putArray("image_names");
      images.forEach(image -> names.add(image.name()));
    }
    return attributes;
  }
}
