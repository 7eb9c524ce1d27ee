package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

/**
 * The record in the metadata of an output of arrays, as its attribute {@code pointwise}. Files have
 * no such record. Not changed once it is read.
 */
public final class OutputRecord {
  /** The fields that change while the metadata that a run wrote stays the same. */
  private static final Set<String> STATE =
      Set.of(Keys.STATUS, Keys.APPENDING, Keys.LENGTHS, Keys.DELETED);

  private final ObjectNode json;

  /** A record that the output's format read. */
  public OutputRecord(ObjectNode json) {
    this.json = json;
  }

  /**
   * The record of the output of a plan.
   *
   * @param software version to record
   * @param lengths as {@link #lengths}
   */
  public static OutputRecord of(
      ReducePlan plan, Status status, String software, List<Long> lengths) {
    ObjectNode json =
        JsonText.object()
            .put(Keys.STATUS, status.toString())
            .put(Keys.FINGERPRINT, PlanRecord.fingerprint(plan))
            .put(Keys.LINEAGE, PlanRecord.lineage(plan))
            .put(Keys.VERSION, software);
    plan.spec().format().libraries().forEach(json::put);
    json.put(Keys.SOURCE, plan.input().uri())
        .put(Keys.SOURCE_IDENTITY, plan.input().identity())
        .put(Keys.AXES, plan.output().axes().toString())
        .put(Keys.SHARDS, plan.units().count());
    json.set(Keys.SOURCE_QUANTISATION, ReadingRecord.json(plan.input()));
    ReadingRecord.putPart(json, plan.input());
    HeadRecord.put(json, HeadRecord.all(plan));
    if (!lengths.isEmpty()) {
      Appending.putLengths(json, lengths);
    }
    return new OutputRecord(json);
  }

  /** The same record with another input. */
  public OutputRecord ofSource(SourceRecord source) {
    ObjectNode other = json.deepCopy().put(Keys.SOURCE, source.uri());
    source.putIn(other, List.of(Keys.SOURCE_PART));
    return new OutputRecord(other);
  }

  /** Records in an output that objects are missing, before they are deleted. */
  public static void reopen(OutputFormat format, ByteStore output) throws IOException {
    format.reopen(
        output,
        json -> {
          if (Status.of(json.path(Keys.STATUS).asText()) == Status.COMPLETE) {
            json.put(Keys.DELETED, true);
          }
          json.put(Keys.STATUS, Status.INCOMPLETE.toString());
        });
  }

  /** Whether the output was complete until objects of it were deleted. */
  public boolean hasDeletedObjects() {
    return json.path(Keys.DELETED).asBoolean();
  }

  /** Whether an append, or a repair of the latest images, has begun and not ended. */
  public boolean isAppending() {
    return status() != Status.COMPLETE && appending().images() > 0;
  }

  /** Records an append in an output, before its first object is stored. */
  public static void reopen(
      OutputFormat format, ByteStore output, Status status, Appending appending)
      throws IOException {
    format.reopen(
        output,
        json -> {
          json.put(Keys.STATUS, status.toString());
          json.set(Keys.APPENDING, appending.json());
        });
  }

  /**
   * Returns the names of the fields that differ from those of another record. Fields that runs
   * change in the output's own metadata alone are not compared.
   */
  public List<String> differences(OutputRecord other) {
    TreeSet<String> names = new TreeSet<>();
    json.fieldNames().forEachRemaining(names::add);
    other.json.fieldNames().forEachRemaining(names::add);
    names.removeAll(STATE);
    names.removeIf(name -> json.path(name).equals(other.json.path(name)));
    return List.copyOf(names);
  }

  /** Returns this record with the status and the append in progress of another record. */
  public OutputRecord inStateOf(OutputRecord other) {
    ObjectNode state = json.deepCopy().put(Keys.STATUS, other.json.path(Keys.STATUS).asText());
    for (String key : List.of(Keys.APPENDING, Keys.DELETED)) {
      state.remove(key);
      if (other.json.has(key)) {
        state.set(key, other.json.path(key));
      }
    }
    return new OutputRecord(state);
  }

  /**
   * Returns this record with no more images in the append in progress than a plan has: a run
   * records the plan of an append before it stores the first image.
   */
  public OutputRecord limitedTo(@Nullable PlanRecord plan) {
    if (plan == null || !plan.lineage().equals(lineage()) || !json.has(Keys.APPENDING)) {
      return this;
    }
    ObjectNode limited = json.deepCopy();
    limited.set(Keys.APPENDING, appending().limitedTo(plan.images()).json());
    return new OutputRecord(limited);
  }

  /** The JSON form of this record. */
  public ObjectNode json() {
    return json;
  }

  public Status status() {
    return Status.of(json.path(Keys.STATUS).asText());
  }

  /** The fingerprint of the plan that made the output; null where none is recorded. */
  public @Nullable String fingerprint() {
    JsonNode fingerprint = json.path(Keys.FINGERPRINT);
    return fingerprint.isMissingNode() ? null : fingerprint.asText();
  }

  /** The identity of the input; empty where none is recorded. */
  public String sourceIdentity() {
    return json.path(Keys.SOURCE_IDENTITY).asText();
  }

  /** As {@link PlanRecord#otherScaling}, compared at the precision of float32. */
  public @Nullable String otherScaling(Scaling given) {
    JsonNode recordedJson = json.path(Keys.SOURCE_QUANTISATION);
    if (recordedJson.isMissingNode()) {
      return null;
    }
    Scaling recorded = ReadingRecord.scaling(recordedJson);
    return recorded.toString().equals(given.toString())
        ? null
        : PlanRecord.OTHER_SCALING.formatted(recorded, given);
  }

  /** The lineage that identifies the output's receipts. */
  public String lineage() {
    return Keys.lineage(json).asText();
  }

  /** The order of the output's axes. */
  public Axes axes() {
    return Axes.parse(json.path(Keys.AXES).asText());
  }

  /** The heads of the output's arrays, in their order. */
  public List<HeadRecord> heads() {
    return HeadRecord.read(json);
  }

  /** The append that has not ended; an empty record where there is none. */
  public Appending appending() {
    return Appending.of(json.path(Keys.APPENDING));
  }

  /**
   * Numbers of images that the output held, or was to hold, after previous runs, where receipts of
   * some shards may still describe a shorter input; else empty.
   */
  public List<Long> lengths() {
    return Appending.lengths(json);
  }
}
