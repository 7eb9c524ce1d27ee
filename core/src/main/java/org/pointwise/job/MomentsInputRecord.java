package org.pointwise.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;

/**
 * What a pass for moments saw of its input. Kept in the run folder under the digest of the moments
 * that it made, so that it is never taken for what other moments of the same name were made of: it
 * is written before a moments file is replaced, and what describes the file until then stays.
 */
public final class MomentsInputRecord {
  /** Records that stay: of the file that is there, and of some that may not have come to be. */
  private static final int MAX = 4;

  private final JsonNode record;

  private MomentsInputRecord(JsonNode record) {
    this.record = record;
  }

  /**
   * Reads what a pass recorded; null where nothing is recorded of these moments.
   *
   * @param moments the file
   * @param data digest of its moments, as the file records it
   */
  public static @Nullable MomentsInputRecord read(String moments, String data, ByteStores stores) {
    try {
      for (JsonNode record : records(RunFolder.of(moments, stores))) {
        if (record.path("data").asText().equals(data)) {
          return new MomentsInputRecord(record);
        }
      }
    } catch (IOException e) {
      throw Formats.unreadable(RunFolder.uri(moments), e);
    }
    return null;
  }

  private static List<JsonNode> records(RunFolder folder) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    byte[] text = folder.store().get(RunFolder.SEEN);
    if (text != null) {
      String where = folder.store().uri() + "/" + RunFolder.SEEN;
      JsonText.parse(text, where).path("records").forEach(records::add);
    }
    return records;
  }

  /** Adds a record of moments that are about to be stored. */
  static void add(RunFolder folder, String data, ObjectNode record) throws IOException {
    List<JsonNode> records = records(folder);
    records.removeIf(other -> other.path("data").asText().equals(data));
    records.add(record.put("data", data));
    ObjectNode json = JsonText.object();
    ArrayNode kept = json.putArray("records");
    records.subList(Math.max(0, records.size() - MAX), records.size()).forEach(kept::add);
    folder.store().put(RunFolder.SEEN, JsonText.bytes(json));
  }

  /** Files of a folder, in their order; none where the input was no folder. */
  public SourceFileList files() {
    return SourceFileList.of(record.path("files"));
  }

  /** How pixels were chosen and numbers read, for people. */
  public String chosen() {
    return record.path("chosen").asText();
  }

  /** Sums of digests of the features' objects, or of the labels'. */
  JsonNode sums(String of) {
    return record.path(of);
  }
}
