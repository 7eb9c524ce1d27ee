package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.pointwise.store.ByteStore;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.store.JsonText;

/**
 * The receipts of all runs of an output, read back.
 *
 * @param done ordinals of units that some run ended
 * @param empty those that are rightly not stored
 * @param objects by key, as last put
 */
record ReceiptFiles(Set<Long> done, Set<Long> empty, Map<String, StoredObject> objects) {

  /** What of the receipts is wanted: they grow with the shards. */
  enum Keep {
    /** Which units are rightly not stored. */
    EMPTY,
    /** Every unit and every object too, where the objects hold no checksums of their own. */
    ALL
  }

  static ReceiptFiles read(RunFolder folder, Keep keep) throws IOException {
    ReceiptFiles receipts = new ReceiptFiles(new HashSet<>(), new HashSet<>(), new HashMap<>());
    ByteStore store = folder.store();
    for (String name : store.list(RunFolder.RECEIPTS)) { // names begin with the time of their run
      byte[] text = name.endsWith(".jsonl") ? store.get(RunFolder.RECEIPTS + "/" + name) : null;
      if (text != null) {
        new String(text, StandardCharsets.UTF_8)
            .lines()
            .forEach(line -> receipts.add(line, keep, store.uri() + "/" + name));
      }
    }
    return receipts;
  }

  private void add(String line, Keep keep, String where) {
    ObjectNode json = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), where);
    long ordinal = json.path("ordinal").asLong();
    if (json.path("status").asText().equals(Receipt.Status.EMPTY.toString())) {
      empty.add(ordinal);
    }
    if (keep == Keep.EMPTY) {
      return;
    }
    done.add(ordinal);
    for (JsonNode object : json.path("objects")) {
      String key = object.path("key").asText();
      boolean put = object.has("crc32c");
      StoredObject stored =
          new StoredObject(
              key,
              object.path("bytes").asLong(),
              put ? (Integer) (int) object.path("crc32c").asLong() : null);
      if (put) {
        objects.put(key, stored);
      } else {
        objects.putIfAbsent(key, stored);
      }
    }
  }
}
