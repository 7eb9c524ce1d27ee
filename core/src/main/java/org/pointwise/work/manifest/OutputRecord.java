package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.OutputFormat;
import org.pointwise.plan.ReducePlan;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.ByteStore;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

/**
 * What the own metadata of an output of arrays records of it, as its attribute {@code pointwise}.
 * Files have none. Not changed once it is read.
 */
public final class OutputRecord {
  private final ObjectNode json;

  /** As the output's format found it. */
  public OutputRecord(ObjectNode json) {
    this.json = json;
  }

  /**
   * Of the output that a plan makes.
   *
   * @param software version to record
   * @param lengths {@link #lengths}
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
    HeadRecord.put(json, HeadRecord.all(plan));
    if (!lengths.isEmpty()) {
      Appending.putLengths(json, lengths);
    }
    return new OutputRecord(json);
  }

  /** Has an output say that objects are missing, before they are. */
  public static void reopen(OutputFormat format, ByteStore output) throws IOException {
    format.reopen(output, json -> json.put(Keys.STATUS, Status.INCOMPLETE.toString()));
  }

  /** Has an output say what is to come, before the first of it is stored. */
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

  /** As it is stored. */
  public ObjectNode json() {
    return json;
  }

  public Status status() {
    return Status.of(json.path(Keys.STATUS).asText());
  }

  /** Of the plan that made it; null where none is recorded. */
  public @Nullable String fingerprint() {
    JsonNode fingerprint = json.path(Keys.FINGERPRINT);
    return fingerprint.isMissingNode() ? null : fingerprint.asText();
  }

  /** As {@link PlanRecord#otherScaling}, to the digits of float32. */
  public @Nullable String otherScaling(Scaling given) {
    JsonNode made = json.path(Keys.SOURCE_QUANTISATION);
    if (made.isMissingNode()) {
      return null;
    }
    Scaling then = ReadingRecord.scaling(made);
    return then.toString().equals(given.toString())
        ? null
        : PlanRecord.OTHER_SCALING.formatted(then, given);
  }

  /** By which its receipts are known. */
  public String lineage() {
    return Keys.lineage(json).asText();
  }

  /** Order of its axes. */
  public Axes axes() {
    return Axes.parse(json.path(Keys.AXES).asText());
  }

  /** Of its arrays, in their order. */
  public List<HeadRecord> heads() {
    return HeadRecord.read(json);
  }

  /** The append that has not ended, if any. */
  public Appending appending() {
    return Appending.of(json.path(Keys.APPENDING));
  }

  /**
   * Images that it held, or was to hold, after earlier runs, where receipts of some shards may
   * still be of a shorter input; else empty.
   */
  public List<Long> lengths() {
    return Appending.lengths(json);
  }
}
