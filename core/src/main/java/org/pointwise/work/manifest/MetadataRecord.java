package org.pointwise.work.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;

/**
 * The metadata of an output of arrays as a run wrote it, stored in the run folder. Its JSON form
 * contains a SHA-256 of the other fields, which detects damage that leaves valid JSON.
 *
 * @param fingerprint fingerprint of the run's plan
 * @param lineage lineage of the run's plan
 * @param format name of the output's format
 */
public record MetadataRecord(
    String fingerprint, String lineage, String format, WrittenMetadata written) {
  /**
   * Maximum length of a record. A document of the maximum length doubles at most, because it is
   * stored as a string, and arrays repeat the attributes of the input.
   */
  public static final int MAX_BYTES = 8 * ByteStore.MAX_METADATA_BYTES;

  /**
   * Parses the result of {@link #bytes}.
   *
   * @throws CorruptDataException where the text is anything else
   */
  public static MetadataRecord parse(byte[] text, String where) {
    try {
      return of(JsonText.parse(text, "it"));
    } catch (InvalidInputException e) {
      throw damaged(where, e);
    }
  }

  /** Returns the exception for a damaged record. */
  public static CorruptDataException damaged(String where, Exception cause) {
    return new CorruptDataException(
        "Cannot read %s: it is damaged (%s)".formatted(where, cause.getMessage()), cause);
  }

  private static MetadataRecord of(ObjectNode json) {
    String sha256 = json.path(Keys.SHA256).asText();
    json.remove(Keys.SHA256);
    if (!sha256.equals(hash(json))) {
      throw new CorruptDataException("its content does not have the recorded SHA-256");
    }
    Map<String, ObjectNode> documents = new LinkedHashMap<>();
    Map<String, String> objects = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.path(Keys.DOCUMENTS).properties()) {
      byte[] document = entry.getValue().asText().getBytes(StandardCharsets.UTF_8);
      String key = ByteStore.checkKey(entry.getKey());
      documents.put(key, JsonText.parse(document, key));
    }
    for (Map.Entry<String, JsonNode> entry : json.path(Keys.OBJECTS).properties()) {
      objects.put(ByteStore.checkKey(entry.getKey()), entry.getValue().asText());
    }
    JsonNode fingerprint = json.path(Keys.FINGERPRINT);
    JsonNode lineage = json.path(Keys.LINEAGE);
    JsonNode format = json.path(Keys.OUTPUT_FORMAT);
    if (!fingerprint.isTextual()
        || !lineage.isTextual()
        || !format.isTextual()
        || documents.isEmpty()) {
      throw new CorruptDataException("it lacks the plan, the format or the documents");
    }
    return new MetadataRecord(
        fingerprint.asText(),
        lineage.asText(),
        format.asText(),
        new WrittenMetadata(documents, objects));
  }

  private static String hash(ObjectNode json) {
    return Hashes.sha256(JsonText.line(json));
  }

  public byte[] bytes() {
    ObjectNode json =
        JsonText.object()
            .put(Keys.FINGERPRINT, fingerprint)
            .put(Keys.LINEAGE, lineage)
            .put(Keys.OUTPUT_FORMAT, format);
    ObjectNode documents = json.putObject(Keys.DOCUMENTS);
    // Documents as strings: nested here, a document of the maximum depth could not be read back.
    written.documents().forEach((key, document) -> documents.put(key, JsonText.line(document)));
    ObjectNode objects = json.putObject(Keys.OBJECTS);
    written.objects().forEach(objects::put);
    return JsonText.bytes(json.put(Keys.SHA256, hash(json)));
  }
}
