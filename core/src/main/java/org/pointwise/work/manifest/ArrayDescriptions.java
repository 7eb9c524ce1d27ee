package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pointwise.store.JsonText;

/**
 * How the arrays of a complete output are to be read, as its metadata said when it was completed:
 * by the array's name, {@link org.pointwise.format.StoredArray#describe}.
 */
public record ArrayDescriptions(Map<String, Map<String, String>> byName) {
  /** What {@link #bytes} made. */
  public static ArrayDescriptions parse(byte[] text, String where) {
    Map<String, Map<String, String>> byName = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> array : JsonText.parse(text, where).properties()) {
      Map<String, String> fields = new LinkedHashMap<>();
      array
          .getValue()
          .properties()
          .forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
      byName.put(array.getKey(), fields);
    }
    return new ArrayDescriptions(byName);
  }

  public byte[] bytes() {
    ObjectNode json = JsonText.object();
    byName.forEach((name, fields) -> fields.forEach(json.putObject(name)::put));
    return JsonText.bytes(json);
  }

  /** What an array's metadata says otherwise now, for people. */
  public List<String> differences(String name, Map<String, String> found) {
    Map<String, String> recorded = byName.getOrDefault(name, Map.of());
    Set<String> fields = new LinkedHashSet<>(recorded.keySet());
    fields.addAll(found.keySet());
    return fields.stream()
        .filter(field -> !found.getOrDefault(field, "").equals(recorded.getOrDefault(field, "")))
        .map(
            field ->
                "%s %s, not %s"
                    .formatted(
                        field,
                        found.getOrDefault(field, "none"),
                        recorded.getOrDefault(field, "as in the array's own")))
        .toList();
  }
}
