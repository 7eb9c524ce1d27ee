package org.pointwise.format.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
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
  private final int version;
  private final WrittenMetadata written;
  private final Map<String, DescribedArray> arrays = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @throws InvalidInputException if {@code written} does not describe a group of this Zarr version
   */
  ZarrMetadataCheck(int version, WrittenMetadata written) {
    this.version = version;
    this.written = written;
    String document = version == 3 ? ZarrNodes.V3 : ZarrNodes.ARRAY;
    for (Map.Entry<String, ObjectNode> entry : written.documents().entrySet()) {
      String key = entry.getKey();
      if (key.endsWith("/" + document)) {
        String name = key.substring(0, key.length() - document.length() - 1);
        ObjectNode attributes = written.documents().get(name + "/" + ZarrNodes.ATTRIBUTES);
        arrays.put(name, DescribedArray.of(version, entry.getValue(), attributes, key));
      }
    }
    if (!written.documents().containsKey(version == 3 ? ZarrNodes.V3 : ZarrNodes.GROUP)) {
      throw new CorruptDataException("it lacks the document of the group");
    }
  }

  /** Returns one sentence for each difference. */
  List<String> differences(ByteStore store) throws IOException {
    for (String key : ZarrNodes.otherDocuments(version, written.documents().keySet())) {
      if (store.size(key) >= 0) {
        problems.add("%s was added, which readers may use instead of the metadata".formatted(key));
      }
    }
    for (Map.Entry<String, DescribedArray> array : arrays.entrySet()) {
      compareOwn(store, array.getKey(), array.getValue());
    }
    if (version == 3) {
      compareGroupV3(store);
    } else {
      compareGroupV2(store);
    }
    for (Map.Entry<String, String> object : written.objects().entrySet()) {
      compareValues(store, object.getKey(), object.getValue());
    }
    return problems;
  }

  private void compareOwn(ByteStore store, String name, DescribedArray recorded)
      throws IOException {
    try {
      ObjectNode own = stored(store, name, version == 3 ? ZarrNodes.V3 : ZarrNodes.ARRAY);
      if (own == null) {
        problems.add("the metadata of %s is gone".formatted(name));
      } else {
        ObjectNode attributes = version == 3 ? null : stored(store, name, ZarrNodes.ATTRIBUTES);
        String where = ByteStore.join(store.uri(), name);
        compare(
            "the metadata of " + name,
            recorded,
            DescribedArray.of(version, own, attributes, where));
      }
    } catch (InvalidInputException e) {
      problems.add("the metadata of %s: %s".formatted(name, e.getMessage()));
    }
  }

  private static @Nullable ObjectNode stored(ByteStore store, String name, String document)
      throws IOException {
    String key = ByteStore.join(name, document);
    byte[] text = store.get(key);
    return text == null ? null : JsonText.parse(text, ByteStore.join(store.uri(), key));
  }

  private void compare(String subject, DescribedArray recorded, DescribedArray now) {
    List<String> differences = recorded.differences(now);
    if (!differences.isEmpty()) {
      problems.add(
          "%s differs from what was stored: %s".formatted(subject, String.join("; ", differences)));
    }
  }

  private void compareGroupV3(ByteStore store) throws IOException {
    ObjectNode group = ofGroup(store, ZarrNodes.V3);
    if (group == null) {
      return;
    }
    JsonNode format = group.path("zarr_format");
    if (!JsonArrays.isInteger(format, 3) || !group.path("node_type").asText().equals("group")) {
      problems.add(
          "the metadata of the group has zarr_format %s and node_type %s, not 3 and \"group\""
              .formatted(format, group.path("node_type")));
    }
    JsonNode all = group.path("consolidated_metadata");
    if (all.isMissingNode() || all.isNull()) {
      return;
    }
    if (!all.path("kind").asText().equals("inline")) {
      problems.add(
          "the consolidated metadata is of kind %s, not inline".formatted(all.path("kind")));
    }
    for (String name : arrays.keySet()) {
      compareCopy(name, all.path("metadata").path(name), null);
    }
  }

  private void compareGroupV2(ByteStore store) throws IOException {
    ObjectNode group = ofGroup(store, ZarrNodes.GROUP);
    if (group != null && !JsonArrays.isInteger(group.path("zarr_format"), 2)) {
      problems.add(
          "the metadata of the group has zarr_format %s, not 2"
              .formatted(group.path("zarr_format")));
    }
    ofGroup(store, ZarrNodes.ATTRIBUTES);
    if (store.size(ZarrNodes.CONSOLIDATED) < 0) {
      return;
    }
    ObjectNode all = ofGroup(store, ZarrNodes.CONSOLIDATED);
    if (all == null) {
      return;
    }
    JsonNode format = all.path("zarr_consolidated_format");
    if (!JsonArrays.isInteger(format, 1)) {
      problems.add("the consolidated metadata is of format %s, not 1".formatted(format));
    }
    JsonNode copies = all.path("metadata");
    if (!JsonArrays.isInteger(copies.path(ZarrNodes.GROUP).path("zarr_format"), 2)) {
      problems.add("the consolidated metadata lacks the group (%s)".formatted(ZarrNodes.GROUP));
    }
    for (String name : arrays.keySet()) {
      compareCopy(
          name,
          copies.path(name + "/" + ZarrNodes.ARRAY),
          copies.path(name + "/" + ZarrNodes.ATTRIBUTES));
    }
  }

  /**
   * Returns a document of the group as it is stored at present. If it is missing or invalid, adds a
   * sentence and returns null.
   */
  private @Nullable ObjectNode ofGroup(ByteStore store, String key) throws IOException {
    try {
      ObjectNode json = stored(store, "", key);
      if (json == null) {
        problems.add("the group's own metadata is gone (%s)".formatted(key));
      }
      return json;
    } catch (InvalidInputException e) {
      problems.add("the group's own metadata: %s".formatted(e.getMessage()));
      return null;
    }
  }

  /**
   * @param attributes the attributes, if they are a separate document
   */
  private void compareCopy(String name, JsonNode copy, @Nullable JsonNode attributes) {
    String subject = "the consolidated metadata of " + name;
    if (!(copy instanceof ObjectNode document)
        || !(attributes == null || attributes instanceof ObjectNode)) {
      problems.add("the consolidated metadata lacks " + name);
      return;
    }
    try {
      DescribedArray now = DescribedArray.of(version, document, (ObjectNode) attributes, "copy");
      DescribedArray recorded = arrays.get(name);
      if (recorded != null) {
        compare(subject, recorded, now);
      }
    } catch (InvalidInputException e) {
      problems.add("%s: %s".formatted(subject, e.getMessage()));
    }
  }

  private void compareValues(ByteStore store, String key, String sha256) throws IOException {
    long size = store.size(key);
    String now = size < 0 ? null : ObjectHash.sha256(store, key, size, new Bytes());
    if (now == null) {
      problems.add("the values of a coordinate are gone: " + key);
    } else if (!now.equals(sha256)) {
      problems.add("the values of a coordinate are not those that were stored: " + key);
    }
  }
}
