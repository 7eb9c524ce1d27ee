package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Subset;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.FeatureShape;

/** The record of an input from which consecutive images of an output come. Immutable. */
public final class SourceRecord {
  /** The fields of a plan that describe its input. */
  static final List<String> OF_PLAN =
      List.of(Keys.INPUT, Keys.INPUT_AXES, Keys.SOURCE_QUANTISATION, Keys.SOURCE_PART);

  private final JsonNode json;

  private SourceRecord(JsonNode json) {
    this.json = json;
  }

  /**
   * The record of an input.
   *
   * @param first index of its first image among the output's images
   * @param digests one for each image; empty where they are unknown
   */
  public static SourceRecord of(ArrayInfo input, long first, List<String> digests) {
    ObjectNode json =
        JsonText.object()
            .put(Keys.INPUT, input.uri())
            .put(Keys.FIRST, first)
            .put(Keys.IMAGES, input.shape().n())
            .put(Keys.INPUT_AXES, input.axes().toString());
    json.set(Keys.SOURCE_QUANTISATION, ReadingRecord.json(input.whole()));
    ReadingRecord.putPart(json, input);
    digests.forEach(json.putArray(Keys.DIGESTS)::add);
    return new SourceRecord(json);
  }

  /** The record of the input of a plan, from which the first images of an output come. */
  public static SourceRecord of(PlanRecord plan, long images) {
    ObjectNode planned = plan.json();
    ObjectNode json = JsonText.object().put(Keys.FIRST, 0).put(Keys.IMAGES, images);
    for (String key : OF_PLAN) {
      if (planned.has(key)) {
        json.set(key, planned.path(key));
      }
    }
    return new SourceRecord(json);
  }

  /** Sets fields of another record to those of this one, or removes them. */
  void putIn(ObjectNode record, List<String> keys) {
    for (String key : keys) {
      if (json.has(key)) {
        record.set(key, json.path(key));
      } else {
        record.remove(key);
      }
    }
  }

  /** The record of the same input with another number of images. */
  public SourceRecord grown(long images) {
    ObjectNode more = json.deepCopy();
    return new SourceRecord(more.put(Keys.IMAGES, images));
  }

  /**
   * The record of the images that lie before an index.
   *
   * @param end an index among the output's images
   */
  public SourceRecord shortened(long end) {
    ObjectNode fewer = json.deepCopy();
    fewer.put(Keys.IMAGES, end - first());
    List<String> known = digests();
    fewer.remove(Keys.DIGESTS);
    known.stream().limit(end - first()).forEach(fewer.putArray(Keys.DIGESTS)::add);
    return new SourceRecord(fewer);
  }

  /** Reads a record that {@link #json} returned. */
  public static SourceRecord of(JsonNode json) {
    return new SourceRecord(json);
  }

  public JsonNode json() {
    return json;
  }

  public String uri() {
    return json.path(Keys.INPUT).asText();
  }

  /** Index of its first image among the output's images. */
  public long first() {
    return json.path(Keys.FIRST).asLong();
  }

  /** Index after its last image. */
  public long end() {
    return first() + json.path(Keys.IMAGES).asLong();
  }

  /** The digests of its images; empty where they are unknown. */
  public List<String> digests() {
    List<String> digests = new ArrayList<>();
    json.path(Keys.DIGESTS).forEach(digest -> digests.add(digest.asText()));
    return digests;
  }

  /**
   * The record of the same source while a run that can decode more of its images has not ended. It
   * may have stored their pixels or not.
   *
   * @param images indexes among the images of this source
   */
  public SourceRecord maybeDecoded(Set<Integer> images) {
    Set<Integer> all = new TreeSet<>(maybeDecoded());
    all.addAll(images);
    ObjectNode more = json.deepCopy();
    all.forEach(more.putArray(Keys.MAYBE_DECODED)::add);
    return new SourceRecord(more);
  }

  /** The images without a digest that may nevertheless be stored as they were before damage. */
  public Set<Integer> maybeDecoded() {
    Set<Integer> images = new TreeSet<>();
    json.path(Keys.MAYBE_DECODED).forEach(image -> images.add(image.asInt()));
    return images;
  }

  /** As {@link PlanRecord#reading}. */
  public @Nullable ReadOptions reading(List<String> first) {
    return ReadingRecord.options(
        json.path(Keys.SOURCE_QUANTISATION),
        Axes.parse(json.path(Keys.INPUT_AXES).asText()),
        first);
  }

  /** As {@link PlanRecord#part}. */
  public Subset part(FeatureShape shape) {
    return ReadingRecord.part(json, shape, uri());
  }

  /** The part of the input as text; equal for equal parts. */
  public String partText() {
    return json.path(Keys.SOURCE_PART).toString();
  }

  /** As {@link PlanRecord#hasAllImages}. */
  public boolean hasAllImages() {
    return ReadingRecord.hasAllImages(json);
  }

  /** The mask of the input; null where there was none. */
  public @Nullable String mask() {
    return json.path(Keys.SOURCE_PART).path(Keys.MASK).textValue();
  }
}
