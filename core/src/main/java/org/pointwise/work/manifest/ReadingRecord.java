package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ReadOptions;
import org.pointwise.format.Subset;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.IndexList;

/** The record of how the stored numbers of an input were read. */
final class ReadingRecord {
  private ReadingRecord() {}

  /** The scale and offset, the nodata value and the meaning of missing chunks of an input. */
  static ObjectNode json(ArrayInfo input) {
    ObjectNode json = JsonText.object();
    Scaling scaling = input.quantisation().scaling();
    if (scaling.isPerChannel()) {
      json.set(Keys.SCALE, JsonText.numbers(scaling.scales()));
      json.set(Keys.OFFSET, JsonText.numbers(scaling.offsets()));
    } else {
      json.put(Keys.SCALE, scaling.scale(0)).put(Keys.OFFSET, scaling.offset(0));
    }
    Nodata nodata = input.quantisation().nodata();
    if (nodata != null) {
      json.put(Keys.NODATA, nodata.toString());
    }
    return json.put(Keys.MISSING_CHUNKS, input.missing().toString());
  }

  /** Adds the part of the stored array that an input is, and its mask, if it has any. */
  static void putPart(ObjectNode record, ArrayInfo input) {
    Subset subset = input.subset();
    ArrayInfo mask = input.mask();
    if (subset == null && mask == null) {
      return;
    }
    ObjectNode json = record.putObject(Keys.SOURCE_PART);
    if (subset != null) {
      FeatureShape shape = input.whole().shape();
      put(json, Keys.IMAGES, subset.images(), shape.n());
      if (subset.window()) {
        json.put(Keys.ROWS, subset.rows().toString())
            .put(Keys.COLUMNS, subset.columns().toString());
      }
      put(json, Keys.CHANNELS, subset.channels(), shape.c());
    }
    if (mask != null) {
      json.put(Keys.MASK, mask.uri());
    }
  }

  /** Adds the indexes along an axis, unless these are all indexes. */
  private static void put(ObjectNode json, String key, IndexList indexes, long length) {
    if (!indexes.isAll(length)) {
      json.put(key, indexes.toString());
    }
  }

  /** Whether the recorded part contains all images. */
  static boolean hasAllImages(JsonNode record) {
    return !record.path(Keys.SOURCE_PART).has(Keys.IMAGES);
  }

  /**
   * The recorded part of an array.
   *
   * @param shape shape of the whole array
   * @param where names the record in errors
   * @throws InvalidInputException if the array has no such part
   */
  static Subset part(JsonNode record, FeatureShape shape, String where) {
    JsonNode json = record.path(Keys.SOURCE_PART);
    return new Subset(
        indexes(json, Keys.IMAGES, shape.n(), where),
        indexes(json, Keys.ROWS, shape.y(), where),
        indexes(json, Keys.COLUMNS, shape.x(), where),
        indexes(json, Keys.CHANNELS, shape.c(), where),
        json.has(Keys.ROWS));
  }

  private static IndexList indexes(JsonNode json, String key, long length, String where) {
    return IndexList.parse(
        json.path(key).asText(":"), length, "the recorded " + key, key + " of " + where);
  }

  /** The recorded scale and offset. */
  static Scaling scaling(JsonNode json) {
    return Scaling.of(numbers(json.path(Keys.SCALE)), numbers(json.path(Keys.OFFSET)));
  }

  /**
   * How to read the input again.
   *
   * @param axes of the input
   * @param first of a folder of files, those that come first, in this order
   * @return null where nothing is recorded
   */
  static @Nullable ReadOptions options(JsonNode json, Axes axes, List<String> first) {
    if (!json.isObject()) {
      return null;
    }
    return new ReadOptions(
        axes,
        null,
        true,
        json.path(Keys.NODATA).asText(Nodata.NONE),
        numbers(json.path(Keys.SCALE)),
        numbers(json.path(Keys.OFFSET)),
        missing(json.path(Keys.MISSING_CHUNKS).asText()),
        first);
  }

  private static MissingChunks missing(String text) {
    for (MissingChunks missing : MissingChunks.values()) {
      if (missing.toString().equals(text)) {
        return missing;
      }
    }
    return MissingChunks.FILL;
  }

  /** One number, or one for each channel. */
  private static double[] numbers(JsonNode json) {
    return json.isArray()
        ? StreamSupport.stream(json.spliterator(), false).mapToDouble(JsonNode::asDouble).toArray()
        : new double[] {json.asDouble()};
  }
}
