package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.ReadOptions;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.StoringPlan;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;

/**
 * A plan as people and programs read it, and as {@code plan.json} keeps it: the record of an output
 * whose files have no metadata of their own. What it says of arrays and files is of a reduction.
 * Immutable.
 */
public final class PlanRecord {
  /** Where nothing is recorded. */
  public static final PlanRecord NOTHING = new PlanRecord(JsonText.object());

  /** The fact of how an output is laid out. */
  private static final String OUTPUT = "output ";

  private static final String DEQUANTISATION = "dequantisation ";
  private static final String IN_FLOAT64 = " in float64: ";

  /** What was recorded, what is given. */
  static final String OTHER_SCALING = "%s but the input is read with %s";

  private final ObjectNode json;

  PlanRecord(ObjectNode json) {
    this.json = json;
  }

  /** Of a reduction. */
  public static PlanRecord of(ReducePlan plan) {
    return new PlanRecord(ReducePlanJson.of(plan));
  }

  /** Of a pass for moments. */
  public static PlanRecord of(MomentsPlan plan) {
    return new PlanRecord(MomentsPlanJson.of(plan));
  }

  /**
   * Reads it.
   *
   * @param where names the text in the error
   */
  public static PlanRecord parse(byte[] text, String where) {
    return new PlanRecord(JsonText.parse(text, where));
  }

  /** The hash of the plan's facts. */
  public static String fingerprint(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.fingerprintInputs()));
  }

  /** The hash of those facts that stay while the input grows; receipts carry it. */
  public static String lineage(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.lineageInputs()));
  }

  /** A copy of what it says, to which a command may add what it found. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  /** The text of {@code plan.json}. */
  public byte[] bytes() {
    return JsonText.bytes(json);
  }

  /** The same of an output that lies elsewhere now. */
  public PlanRecord at(String output) {
    return new PlanRecord(json().put(Keys.OUTPUT, output));
  }

  public String fingerprint() {
    return json.path(Keys.FINGERPRINT).asText();
  }

  public String lineage() {
    return Keys.lineage(json).asText();
  }

  /** What the output is made of. */
  public String input() {
    return json.path(Keys.INPUT).asText();
  }

  /**
   * How to read the input as the plan did.
   *
   * @param first of a folder of files, those that come first, in this order
   * @return null where it is not recorded, as before 0.2
   */
  public @Nullable ReadOptions reading(List<String> first) {
    return ReadingRecord.options(
        json.path(Keys.SOURCE_QUANTISATION),
        Axes.parse(json.path(Keys.INPUT_AXES).asText()),
        first);
  }

  /** Images of the input. */
  public long images() {
    return json.path(Keys.INPUT_SHAPE).path("n").asLong(1);
  }

  /** {@link org.pointwise.plan.AppendLayout#lengths} of a plan that appends; else empty. */
  public List<Long> lengths() {
    return Appending.lengths(json);
  }

  /** Name of the output's format. */
  public String format() {
    return json.path(Keys.OUTPUT_FORMAT).asText();
  }

  /** Order of the output's axes. */
  public Axes axes() {
    return Axes.parse(json.path(Keys.OUTPUT_AXES).asText());
  }

  /** How the output's arrays are stored, for people. */
  public String layout() {
    return "%s in chunks of %s, objects of %s"
        .formatted(
            json.path(Keys.OUTPUT_TYPE).asText(),
            json.path(Keys.CHUNK).asText(),
            json.path(Keys.SHARD).asText());
  }

  /** Files of the output; 0 where it is no folder of files, or they were not counted. */
  public long files() {
    return json.path(Keys.FILES).asLong();
  }

  /** Of the output's arrays, in their order. */
  public List<HeadRecord> heads() {
    return HeadRecord.read(json);
  }

  private List<String> lineageInputs() {
    List<String> lines = new ArrayList<>();
    Keys.lineageInputs(json).forEach(line -> lines.add(line.asText()));
    return lines;
  }

  /**
   * How the heads of the output are compressed; empty where it is not recorded.
   *
   * @param where names the record in the error
   */
  public List<Compression> compressions(String where) {
    if (!json.has(Keys.COMPRESSION)) {
      return List.of();
    }
    String texts = json.path(Keys.COMPRESSION).asText();
    List<Compression> recorded;
    try {
      recorded = Stream.of(texts.split(", ")).map(Compression::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot continue the output of %s: it records compression by '%s', which is not known; give --compressor"
              .formatted(where, texts),
          e);
    }
    return recorded.size() == 1 ? Collections.nCopies(heads().size(), recorded.get(0)) : recorded;
  }

  /**
   * How stored numbers of the input were scaled, and how they are now, for people; null where they
   * were scaled so, or nothing is recorded.
   */
  public @Nullable String otherScaling(Scaling given) {
    for (String made : lineageInputs()) {
      int exact = made.indexOf(IN_FLOAT64);
      if (made.startsWith(DEQUANTISATION) && exact >= 0) {
        String then = made.substring(exact + IN_FLOAT64.length());
        return then.equals(given.exact()) ? null : OTHER_SCALING.formatted(then, given.exact());
      }
      if (made.startsWith(DEQUANTISATION) && !made.contains("[" + given + ",")) {
        String then = made.replaceAll(".*\\[(scale=.*), nodata=.*", "$1");
        return OTHER_SCALING.formatted(then, given);
      }
    }
    return null;
  }

  /**
   * What it has otherwise, for people.
   *
   * @param plan of another fingerprint
   */
  public String difference(ReducePlan plan) {
    List<String> then = lineageInputs();
    List<String> now = plan.lineageInputs();
    String layout = null; // follows from other facts as a rule
    for (int i = 0; i < Math.min(then.size(), now.size()); i++) {
      if (!then.get(i).equals(now.get(i))) {
        String difference = "then: %s; now: %s".formatted(then.get(i), now.get(i));
        if (!then.get(i).startsWith(OUTPUT)) {
          return difference;
        }
        layout = difference;
      }
    }
    JsonNode images = json.path(Keys.INPUT_SHAPE).path(Axis.N.letter());
    boolean grows = plan.spec().appendLayout() != null;
    if (!grows && images.isNumber() && images.asLong() != plan.input().shape().n()) {
      return "its input had %d images, now %d".formatted(images.asLong(), plan.input().shape().n());
    }
    if (layout != null) {
      return layout;
    }
    return then.equals(now)
        ? "its input had other metadata"
        : "what it was made of is not recorded";
  }
}
