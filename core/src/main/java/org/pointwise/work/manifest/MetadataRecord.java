package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.JsonText;

/**
 * The metadata of an output of arrays as a run wrote it, stored in the run folder.
 *
 * @param fingerprint fingerprint of the run's plan
 * @param lineage lineage of the run's plan
 */
public record MetadataRecord(String fingerprint, String lineage, WrittenMetadata written) {
  /**
   * Parses the result of {@link #bytes}.
   *
   * @throws CorruptDataException where the text is anything else
   */
  public static MetadataRecord parse(byte[] text, String where) {
    ObjectNode json = JsonText.parse(text, where);
    Map<String, ObjectNode> documents = new LinkedHashMap<>();
    Map<String, String> objects = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.path(Keys.DOCUMENTS).properties()) {
      byte[] document = entry.getValue().asText().getBytes(StandardCharsets.UTF_8);
      documents.put(entry.getKey(), JsonText.parse(document, where + "#" + entry.getKey()));
    }
    for (Map.Entry<String, JsonNode> entry : json.path(Keys.OBJECTS).properties()) {
      objects.put(entry.getKey(), entry.getValue().asText());
    }
    JsonNode fingerprint = json.path(Keys.FINGERPRINT);
    JsonNode lineage = json.path(Keys.LINEAGE);
    if (!fingerprint.isTextual() || !lineage.isTextual() || documents.isEmpty()) {
      throw new CorruptDataException(
          "Cannot read %s: it lacks the fingerprint, the lineage or the documents"
              .formatted(where));
    }
    return new MetadataRecord(
        fingerprint.asText(), lineage.asText(), new WrittenMetadata(documents, objects));
  }

  public byte[] bytes() {
    ObjectNode json =
        JsonText.object().put(Keys.FINGERPRINT, fingerprint).put(Keys.LINEAGE, lineage);
    ObjectNode documents = json.putObject(Keys.DOCUMENTS);
    // Documents as strings: nested here, a document of the maximum depth could not be read back.
    written.documents().forEach((key, document) -> documents.put(key, JsonText.line(document)));
    ObjectNode objects = json.putObject(Keys.OBJECTS);
    written.objects().forEach(objects::put);
    return JsonText.bytes(json);
  }
}
