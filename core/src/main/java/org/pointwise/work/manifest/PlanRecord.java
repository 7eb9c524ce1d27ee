package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.Compression;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.StoredLayout;
import org.pointwise.format.Subset;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.StoringPlan;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * A plan in the form for people and programs, stored as {@code plan.json}. It is the only record of
 * an output of files, which have no metadata of their own. The accessors for arrays and files apply
 * to reductions. Immutable.
 */
public final class PlanRecord {
  /** The record where nothing is recorded. */
  public static final PlanRecord EMPTY = new PlanRecord(JsonText.object());

  private static final String DEQUANTISATION = "dequantisation ";
  private static final String IN_FLOAT64 = " in float64: ";

  /** Format of the recorded and the given scaling. */
  static final String OTHER_SCALING = "%s but the input is read with %s";

  private final ObjectNode json;

  PlanRecord(ObjectNode json) {
    this.json = json;
  }

  /** The record of a reduction. */
  public static PlanRecord of(ReducePlan plan) {
    return new PlanRecord(ReducePlanJson.of(plan));
  }

  /** The record of a moments pass. */
  public static PlanRecord of(MomentsPlan plan) {
    return new PlanRecord(MomentsPlanJson.of(plan));
  }

  /**
   * Parses a record.
   *
   * @param where names the text in the error
   */
  public static PlanRecord parse(byte[] text, String where) {
    return new PlanRecord(JsonText.parse(text, where));
  }

  /** The hash of the plan's fingerprint inputs. */
  public static String fingerprint(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.fingerprintInputs()));
  }

  /**
   * The hash of the fingerprint inputs that stay the same while the input grows. Receipts carry it.
   */
  public static String lineage(StoringPlan plan) {
    return Hashes.sha256(String.join("\n", plan.lineageInputs()));
  }

  /** A copy of the JSON form, to which a command may add its findings. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  /** The text of {@code plan.json}. */
  public byte[] bytes() {
    return JsonText.bytes(json);
  }

  /** The same record for an output at another path. */
  public PlanRecord withOutput(String output) {
    return new PlanRecord(json().put(Keys.OUTPUT, output));
  }

  /** The same record with another input. */
  public PlanRecord ofSource(SourceRecord source) {
    ObjectNode other = json();
    source.putIn(other, SourceRecord.OF_PLAN);
    return new PlanRecord(other);
  }

  public String fingerprint() {
    return json.path(Keys.FINGERPRINT).asText();
  }

  public String lineage() {
    return Keys.lineage(json).asText();
  }

  /** The input of the output. */
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

  /** Whether the plan read all images of its input. */
  public boolean hasAllImages() {
    return ReadingRecord.hasAllImages(json);
  }

  /**
   * The part of the stored array that the plan read; all of it where it read the whole array.
   *
   * @param shape shape of the whole array
   * @throws InvalidInputException if the array has no such part
   */
  public Subset part(FeatureShape shape) {
    return ReadingRecord.part(json, shape, input());
  }

  /** The mask of the input; null where there was none. */
  public @Nullable String mask() {
    return json.path(Keys.SOURCE_PART).path(Keys.MASK).textValue();
  }

  /** Number of images of the input. */
  public long images() {
    return json.path(Keys.INPUT_SHAPE).path("n").asLong(1);
  }

  /** As {@link org.pointwise.plan.AppendLayout#lengths} for a plan that appends; else empty. */
  public List<Long> lengths() {
    return Appending.lengths(json);
  }

  /** The name of the output's format. */
  public String format() {
    return json.path(Keys.OUTPUT_FORMAT).asText();
  }

  /** The order of the output's axes. */
  public Axes axes() {
    return Axes.parse(json.path(Keys.OUTPUT_AXES).asText());
  }

  /** Describes for people how the output's arrays are stored. */
  public String layout() {
    return "%s in chunks of %s, objects of %s"
        .formatted(
            json.path(Keys.OUTPUT_TYPE).asText(),
            json.path(Keys.CHUNK).asText(),
            json.path(Keys.SHARD).asText());
  }

  /** The layout of the output's arrays; null where it is not recorded or the output has none. */
  public @Nullable StoredLayout storedLayout() {
    Extent chunk = extent(Keys.CHUNK);
    Extent object = extent(Keys.SHARD);
    return chunk == null || object == null || !json.has(Keys.SHARDED)
        ? null
        : new StoredLayout(chunk, object, json.path(Keys.SHARDED).asBoolean());
  }

  private @Nullable Extent extent(String key) {
    try {
      int[] lengths =
          Stream.of(json.path(key).asText().split(",")).mapToInt(Integer::parseInt).toArray();
      return lengths.length == 3 ? new Extent(lengths[0], lengths[1], lengths[2]) : null;
    } catch (IllegalArgumentException e) {
      return null; // no layout is recorded
    }
  }

  /**
   * Number of output files; 0 where the output is not a folder of files, or they were not counted.
   */
  public long files() {
    return json.path(Keys.FILES).asLong();
  }

  /** The heads of the output's arrays, in their order. */
  public List<HeadRecord> heads() {
    return HeadRecord.read(json);
  }

  /** The fingerprint inputs whose hash is the {@link #lineage}. */
  public List<String> lineageInputs() {
    List<String> lines = new ArrayList<>();
    Keys.lineageInputs(json).forEach(line -> lines.add(line.asText()));
    return lines;
  }

  /**
   * The compression of each head; empty where it is not recorded.
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
   * Describes for people the recorded scaling of the input and the given scaling; null where they
   * are equal or nothing is recorded.
   */
  public @Nullable String otherScaling(Scaling given) {
    for (String line : lineageInputs()) {
      int exact = line.indexOf(IN_FLOAT64);
      if (line.startsWith(DEQUANTISATION) && exact >= 0) {
        String recorded = line.substring(exact + IN_FLOAT64.length());
        return recorded.equals(given.exact())
            ? null
            : OTHER_SCALING.formatted(recorded, given.exact());
      }
      if (line.startsWith(DEQUANTISATION) && !line.contains("[" + given + ",")) {
        String recorded = line.replaceAll(".*\\[(scale=.*), nodata=.*", "$1");
        return OTHER_SCALING.formatted(recorded, given);
      }
    }
    return null;
  }

  /**
   * Describes for people the recorded nodata value of the input and the given one; null where they
   * are equal or nothing is recorded. NaN is never used, so that it does not differ from none.
   */
  public @Nullable String otherNodata(@Nullable Nodata given) {
    JsonNode recorded = json.path(Keys.SOURCE_QUANTISATION);
    if (!recorded.isObject()) {
      return null;
    }
    String then = recorded.path(Keys.NODATA).asText(Nodata.NONE);
    String now = given == null ? Nodata.NONE : given.toString();
    return Double.compare(number(then), number(now)) == 0
        ? null
        : OTHER_SCALING.formatted("nodata " + then, "nodata " + now);
  }

  private static double number(String nodata) {
    return nodata.equals(Nodata.NONE) ? Double.NaN : Double.parseDouble(nodata);
  }

  /**
   * Describes for people how the recorded plan differs from another plan: the parts that differ,
   * with both values.
   *
   * @param plan plan with another fingerprint
   */
  public String difference(ReducePlan plan) {
    List<String> then = lineageInputs();
    if (then.isEmpty()) {
      return "what it was made of is not recorded";
    }
    List<String> found = new ArrayList<>();
    JsonNode images = json.path(Keys.INPUT_SHAPE).path(Axis.N.letter());
    boolean grows = plan.spec().appendLayout() != null;
    if (!grows && images.isNumber() && images.asLong() != plan.input().shape().n()) {
      found.add(
          "its input had %s, now %d"
              .formatted(Count.of(images.asLong(), "image"), plan.input().shape().n()));
    }
    found.addAll(new PlanParts(then).differences(new PlanParts(plan.lineageInputs())));
    return found.isEmpty() ? "its input had other metadata" : String.join("; ", found);
  }
}
