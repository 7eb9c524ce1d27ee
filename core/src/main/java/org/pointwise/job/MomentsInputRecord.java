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
 * The state of the input that a moments pass recorded. Stored in the run folder under the digest of
 * the moments that the pass computed, so that it is never applied to other moments of the same
 * name. The record is written before a moments file is replaced. The record that describes the old
 * file is kept until then.
 */
public final class MomentsInputRecord {
  /**
   * Number of records kept: that of the existing file, and some of files that may never have been
   * stored.
   */
  private static final int MAX = 4;

  private final JsonNode record;

  private MomentsInputRecord(JsonNode record) {
    this.record = record;
  }

  /**
   * Reads the record of a pass; returns null if nothing is recorded of these moments.
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
    byte[] text = folder.store().get(RunFolder.MOMENTS_INPUT);
    if (text != null) {
      String where = folder.store().uri() + "/" + RunFolder.MOMENTS_INPUT;
      JsonText.parse(text, where).path("records").forEach(records::add);
    }
    return records;
  }

  /** Adds the record of moments that are about to be stored. */
  static void add(RunFolder folder, String data, ObjectNode record) throws IOException {
    List<JsonNode> records = records(folder);
    records.removeIf(other -> other.path("data").asText().equals(data));
    records.add(record.put("data", data));
    ObjectNode json = JsonText.object();
    ArrayNode kept = json.putArray("records");
    records.subList(Math.max(0, records.size() - MAX), records.size()).forEach(kept::add);
    folder.store().put(RunFolder.MOMENTS_INPUT, JsonText.bytes(json));
  }

  /** Returns the files of the input folder, in their order; empty if the input was not a folder. */
  public SourceFileList files() {
    return SourceFileList.of(record.path("files"));
  }

  /** Returns how pixels were selected and numbers dequantised, for people. */
  public String chosen() {
    return record.path("chosen").asText();
  }

  /** Returns the sums of digests of the objects of the features, or of the labels. */
  JsonNode sums(String of) {
    return record.path(of);
  }
}
