package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.JsonText;

/**
 * An array as its documents describe it to readers.
 *
 * @param version the Zarr version
 * @param fields everything that readers use to find and decode chunks, by name
 * @param document the document of the array itself
 * @param oneByte whether elements have one byte
 */
record DescribedArray(
    int version, Map<String, String> fields, ObjectNode document, boolean oneByte) {
  /**
   * Attributes that clients use to decode the numbers of an array or to place its pixels (CF
   * conventions 1.11, xarray, rioxarray).
   */
  private static final List<String> DECODING =
      List.of(
          "scale_factor",
          "add_offset",
          "_FillValue",
          "missing_value",
          "_Unsigned",
          "units",
          "calendar",
          "dtype",
          "grid_mapping",
          "crs_wkt",
          "spatial_ref",
          "GeoTransform");

  /**
   * Fields of which some readers need every part, although others have a default for it. A client
   * that writes a document again may add parts.
   */
  private static final List<String> NEEDED_V3 = List.of("codecs", "chunk_key_encoding");

  private static final List<String> NEEDED_V2 =
      List.of("compressor", "filters", "dimension_separator");

  /**
   * Parses the documents of an array.
   *
   * @param attributes the attributes, if they are a separate document
   * @throws org.pointwise.errors.InvalidInputException if a document is invalid
   */
  static DescribedArray of(
      int version, ObjectNode document, @Nullable ObjectNode attributes, String where) {
    ArrayMetadata metadata =
        version == 3
            ? MetadataV3.parse(JsonText.bytes(document), where)
            : MetadataV2.parse(
                JsonText.bytes(document),
                attributes == null ? null : JsonText.bytes(attributes),
                where);
    Map<String, String> fields = metadata.describe();
    for (String attribute : DECODING) {
      if (metadata.attributes().has(attribute)) {
        fields.put("attribute " + attribute, JsonText.line(metadata.attributes().path(attribute)));
      }
    }
    JsonNode layer = metadata.attributes().path("pointwise").path("weightsSha256");
    if (layer.isTextual()) { // an array of another run, copied with its metadata, has another
      fields.put("layer SHA-256", layer.asText());
    }
    return new DescribedArray(version, fields, document, metadata.type().bytes() == 1);
  }

  /** Returns a phrase for each difference of the present description from this recorded one. */
  List<String> differences(DescribedArray now) {
    Set<String> names = new LinkedHashSet<>(fields.keySet());
    names.addAll(now.fields.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String recordedValue = fields.getOrDefault(name, "none");
      String currentValue = now.fields.getOrDefault(name, "none");
      if (!recordedValue.equals(currentValue)) {
        differences.add("%s %s, not %s".formatted(name, currentValue, recordedValue));
      }
    }
    for (String name : version == 3 ? NEEDED_V3 : NEEDED_V2) {
      JsonNode recordedValue = document.path(name);
      JsonNode currentValue = now.document.path(name);
      if (!recordedValue.isMissingNode() && !isContained(recordedValue, currentValue, oneByte)) {
        differences.add("%s %s, not %s".formatted(name, currentValue, recordedValue));
      }
    }
    JsonNode attributes = now.document.path("attributes");
    if (version == 3 && !attributes.isMissingNode() && !attributes.isObject()) {
      differences.add("attributes %s, not an object".formatted(attributes));
    }
    return differences;
  }

  /**
   * Returns whether all parts of a tree are in another tree with equal values.
   *
   * @param oneByte whether elements have one byte: zarr-python then leaves out their byte order
   */
  private static boolean isContained(JsonNode part, JsonNode whole, boolean oneByte) {
    if (part.isObject()) {
      boolean bytes = oneByte && part.path("name").asText().equals("bytes");
      for (Map.Entry<String, JsonNode> field : part.properties()) {
        JsonNode here = whole.path(field.getKey());
        boolean optional = bytes && field.getKey().equals("configuration") && here.isMissingNode();
        if (!optional && !isContained(field.getValue(), here, oneByte)) {
          return false;
        }
      }
      return whole.isObject();
    }
    if (part.isArray()) {
      boolean all = whole.isArray() && whole.size() == part.size();
      for (int i = 0; all && i < part.size(); i++) {
        all = isContained(part.get(i), whole.get(i), oneByte);
      }
      return all;
    }
    boolean numbers = part.isNumber() && whole.isNumber();
    return numbers ? part.asDouble() == whole.asDouble() : part.equals(whole);
  }
}
