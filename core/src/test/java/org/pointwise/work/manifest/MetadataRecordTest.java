package org.pointwise.work.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.format.WrittenMetadata;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.work.RunFolder;

class MetadataRecordTest {
  private static final String WHERE = "OUT.pointwise/metadata.json";

  private static ObjectNode document(String text) {
    return JsonText.object().put("zarr_format", 3).put("text", text);
  }

  private static MetadataRecord record(Map<String, ObjectNode> documents) {
    return new MetadataRecord(
        "fingerprint", "lineage", "zarr3", new WrittenMetadata(documents, Map.of("y/c/0", "ab")));
  }

  @Test
  void roundTrips() {
    MetadataRecord record = record(Map.of("zarr.json", document("a \"quoted\" \\ \n \u0001 ü 𝄞")));
    assertThat(MetadataRecord.parse(record.bytes(), WHERE)).isEqualTo(record);
  }

  /**
   * Each document may be as long as a document of an output. A string of quotes doubles twice in
   * the record, so that the record is longer than any document.
   */
  @Test
  void holdsDocumentsOfMaximumLength(@TempDir Path folder) throws Exception {
    int quotes = (ByteStore.MAX_METADATA_BYTES - 1000) / 2;
    ObjectNode group = document("\"".repeat(quotes));
    byte[] own = JsonText.bytes(group);
    assertThat(own.length)
        .isBetween(ByteStore.MAX_METADATA_BYTES - 1000, ByteStore.MAX_METADATA_BYTES);
    assertThat(JsonText.parse(own, "group")).isEqualTo(group);
    Map<String, ObjectNode> documents = new LinkedHashMap<>();
    documents.put("features/zarr.json", document(""));
    documents.put("zarr.json", group);
    RunFolder run = RunFolder.of(folder + "/out", ByteStores.LOCAL);
    run.writeMetadata(record(documents));
    assertThat(run.store().size(RunFolder.METADATA)).isGreaterThan(ByteStore.MAX_METADATA_BYTES);
    MetadataRecord read = Objects.requireNonNull(run.metadata());
    assertThat(read.equals(record(documents))).isTrue(); // without a description of 64 MiB
  }

  @Test
  void changedContentIsDamaged() {
    String right =
        new String(record(Map.of("zarr.json", document("[3,16]"))).bytes(), StandardCharsets.UTF_8);
    for (String wrong :
        List.of(
            right.replace("[3,16]", "[4,16]"),
            right.replace("y/c/0", "y/c/1"),
            right.replace("lineage\" : \"lineage", "lineage\" : \"linEage"),
            right.replace("zarr3", "zarr2"),
            right.replaceAll(",\\s*\"sha256\" : \"[0-9a-f]*\"", ""),
            right.replace("sha256", "sha255"),
            right.substring(1),
            "{}")) {
      assertThat(wrong).isNotEqualTo(right);
      assertThatThrownBy(() -> MetadataRecord.parse(wrong.getBytes(StandardCharsets.UTF_8), WHERE))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageStartingWith("Cannot read " + WHERE + ": it is damaged (");
    }
  }

  @Test
  void keysOutsideTheOutputAreDamage() {
    for (String key : List.of("../zarr.json", "a/../../zarr.json", "/zarr.json", "a\\zarr.json")) {
      byte[] text = record(Map.of(key, document(""))).bytes();
      assertThatThrownBy(() -> MetadataRecord.parse(text, WHERE))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageStartingWith("Cannot read " + WHERE);
      MetadataRecord object =
          new MetadataRecord(
              "f", "l", "zarr3", new WrittenMetadata(Map.of("k", document("")), Map.of(key, "ab")));
      assertThatThrownBy(() -> MetadataRecord.parse(object.bytes(), WHERE))
          .isInstanceOf(CorruptDataException.class);
    }
  }

  /** A terminal would interpret the characters. */
  @Test
  void controlCharactersDoNotReachMessages() {
    byte[] text = record(Map.of("../\u001b[2J\nWhole\u009b", document(""))).bytes();
    assertThatThrownBy(() -> MetadataRecord.parse(text, WHERE))
        .hasMessageMatching("[^\\p{Cc}]*Whole[^\\p{Cc}]*");
  }
}
