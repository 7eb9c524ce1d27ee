package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ReadOptions;
import org.pointwise.quantise.MissingChunks;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;

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
