package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.pointwise.store.JsonText;
import org.pointwise.store.ObjectHash;

/**
 * Compares the metadata of an output group, its consolidated copy and the values of its coordinates
 * with what was written. Used once.
 */
final class ZarrMetadataCheck {
  /** Attributes that clients use to decode the numbers of an array (CF conventions 1.11). */
  private static final List<String> DECODING =
      List.of("scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned");

  /** Attributes that clients use in addition to decode the numbers of a coordinate. */
  private static final List<String> DECODING_TIMES = List.of("units", "calendar");

  private static final String OURS = "pointwise";
  private static final String V3 = "zarr.json";

  private final ByteStore store;
  private final int version;
  private final WrittenMetadata written;
  private final List<String> found = new ArrayList<>();

  ZarrMetadataCheck(ByteStore store, int version, WrittenMetadata written) {
    this.store = store;
    this.version = version;
    this.written = written;
  }

  /** Returns one sentence for each difference. */
  List<String> differences() throws IOException {
    Map<String, Map<String, String>> arrays = new LinkedHashMap<>();
    String document = version == 3 ? V3 : ".zarray";
    for (String key : written.documents().keySet()) {
      if (key.endsWith("/" + document)) {
        String name = key.substring(0, key.length() - document.length() - 1);
        arrays.put(name, fields(recorded(name), name));
      }
    }
    for (Map.Entry<String, Map<String, String>> array : arrays.entrySet()) {
      compareOwn(array.getKey(), array.getValue());
    }
    if (version == 3) {
      compareGroupV3(arrays);
    } else {
      compareGroupV2(arrays);
    }
    for (Map.Entry<String, String> object : written.objects().entrySet()) {
      compareValues(object.getKey(), object.getValue());
    }
    return found;
  }

  private ArrayMetadata recorded(String name) {
    return version == 3
        ? v3(Objects.requireNonNull(document(name, V3)), "record")
        : v2(
            Objects.requireNonNull(document(name, ".zarray")), document(name, ".zattrs"), "record");
  }

  private @Nullable ObjectNode document(String name, String document) {
    return written.documents().get(ByteStore.join(name, document));
  }

  private static ArrayMetadata v3(ObjectNode json, String where) {
    return MetadataV3.parse(JsonText.bytes(json), where);
  }

  private static ArrayMetadata v2(ObjectNode json, @Nullable ObjectNode attributes, String where) {
    return MetadataV2.parse(
        JsonText.bytes(json), attributes == null ? null : JsonText.bytes(attributes), where);
  }

  /** Returns everything that readers use to find and decode the chunks of an array. */
  private Map<String, String> fields(ArrayMetadata metadata, String name) {
    Map<String, String> fields = metadata.describe();
    ObjectNode own = document(name, version == 3 ? V3 : ".zattrs");
    boolean coordinate = own == null || !(version == 3 ? own.path("attributes") : own).has(OURS);
    List<String> attributes = new ArrayList<>(DECODING);
    if (coordinate) {
      attributes.addAll(DECODING_TIMES);
    }
    for (String attribute : attributes) {
      if (metadata.attributes().has(attribute)) {
        fields.put("attribute " + attribute, JsonText.line(metadata.attributes().path(attribute)));
      }
    }
    return fields;
  }

  private void compareOwn(String name, Map<String, String> recorded) throws IOException {
    try {
      ZarrArray array = ZarrNodes.array(store, name);
      if (array == null) {
        found.add("the metadata of %s is gone".formatted(name));
      } else {
        compare("the metadata of " + name, recorded, fields(array.metadata(), name));
      }
    } catch (InvalidInputException e) {
      found.add("the metadata of %s: %s".formatted(name, e.getMessage()));
    }
  }

  private void compare(String what, Map<String, String> recorded, Map<String, String> now) {
    Set<String> names = new LinkedHashSet<>(recorded.keySet());
    names.addAll(now.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String then = recorded.getOrDefault(name, "none");
      String here = now.getOrDefault(name, "none");
      if (!then.equals(here)) {
        differences.add("%s %s, not %s".formatted(name, here, then).replaceAll("\\p{Cntrl}", "?"));
      }
    }
    if (!differences.isEmpty()) {
      found.add(
          "%s differs from what was stored: %s".formatted(what, String.join("; ", differences)));
    }
  }

  private void compareGroupV3(Map<String, Map<String, String>> arrays) throws IOException {
    ObjectNode group = document(V3);
    if (group == null) {
      return;
    }
    JsonNode format = group.path("zarr_format");
    if (!JsonArrays.isInteger(format, 3) || !group.path("node_type").asText().equals("group")) {
      found.add(
          "the metadata of the group says zarr_format %s and node_type %s, not 3 and \"group\""
              .formatted(format, group.path("node_type")));
    }
    JsonNode all = group.path("consolidated_metadata");
    if (all.isMissingNode() || all.isNull()) {
      return;
    }
    if (!all.path("kind").asText().equals("inline")) {
      found.add("the consolidated metadata is of kind %s, not inline".formatted(all.path("kind")));
    }
    for (Map.Entry<String, Map<String, String>> array : arrays.entrySet()) {
      String name = array.getKey();
      if (all.path("metadata").path(name) instanceof ObjectNode copy) {
        compareCopy(name, array.getValue(), () -> v3(copy, "copy"));
      } else {
        found.add("the consolidated metadata lacks " + name);
      }
    }
  }

  private void compareGroupV2(Map<String, Map<String, String>> arrays) throws IOException {
    ObjectNode group = document(".zgroup");
    if (group != null && !JsonArrays.isInteger(group.path("zarr_format"), 2)) {
      found.add(
          "the metadata of the group says zarr_format %s, not 2"
              .formatted(group.path("zarr_format")));
    }
    document(".zattrs");
    if (store.size(".zmetadata") < 0) {
      return;
    }
    ObjectNode all = document(".zmetadata");
    if (all == null) {
      return;
    }
    JsonNode format = all.path("zarr_consolidated_format");
    if (!JsonArrays.isInteger(format, 1)) {
      found.add("the consolidated metadata is of format %s, not 1".formatted(format));
    }
    JsonNode copies = all.path("metadata");
    for (Map.Entry<String, Map<String, String>> array : arrays.entrySet()) {
      String name = array.getKey();
      if (copies.path(name + "/.zarray") instanceof ObjectNode copy
          && copies.path(name + "/.zattrs") instanceof ObjectNode attributes) {
        compareCopy(name, array.getValue(), () -> v2(copy, attributes, "copy"));
      } else {
        found.add("the consolidated metadata lacks " + name);
      }
    }
  }

  /**
   * Returns a document of the group as it is stored at present. If it is missing or invalid, adds a
   * sentence and returns null.
   */
  private @Nullable ObjectNode document(String key) throws IOException {
    byte[] text = store.get(key);
    if (text == null) {
      found.add("the group's own metadata is gone (%s)".formatted(key));
      return null;
    }
    try {
      return JsonText.parse(text, ByteStore.join(store.uri(), key));
    } catch (InvalidInputException e) {
      found.add("the group's own metadata: %s".formatted(e.getMessage()));
      return null;
    }
  }

  private interface Parser {
    ArrayMetadata parse();
  }

  private void compareCopy(String name, Map<String, String> recorded, Parser copy) {
    String what = "the consolidated metadata of " + name;
    try {
      compare(what, recorded, fields(copy.parse(), name));
    } catch (InvalidInputException e) {
      found.add("%s: %s".formatted(what, e.getMessage()));
    }
  }

  private void compareValues(String key, String sha256) throws IOException {
    long size = store.size(key);
    String now = size < 0 ? null : ObjectHash.sha256(store, key, size, new Bytes());
    if (now == null) {
      found.add("the values of a coordinate are gone: " + key);
    } else if (!now.equals(sha256)) {
      found.add("the values of a coordinate are not those that were stored: " + key);
    }
  }
}
