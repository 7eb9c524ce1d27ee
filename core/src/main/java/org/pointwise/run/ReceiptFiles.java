package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.pointwise.store.ByteStore;
import org.pointwise.store.FeatureSink.StoredObject;
import org.pointwise.store.JsonText;
import org.pointwise.store.zarr.ZarrCheck;
import org.pointwise.store.zarr.ZarrCheck.Expected;

/** The receipts of all runs of an output, read back. Those of another series are left out. */
final class ReceiptFiles {
  private ReceiptFiles() {}

  /** Calls {@code use} with each receipt, the latest run's last. */
  static void forEach(RunFolder folder, String series, Consumer<ObjectNode> use)
      throws IOException {
    ByteStore store = folder.store();
    for (String name : store.list(RunFolder.RECEIPTS)) { // names begin with the time of their run
      byte[] text = name.endsWith(".jsonl") ? store.get(RunFolder.RECEIPTS + "/" + name) : null;
      if (text == null) {
        continue;
      }
      String where = store.uri() + "/" + name;
      for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
        ObjectNode receipt = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), where);
        if (receipt.path("series").asText().equals(series)) {
          use.accept(receipt);
        }
      }
    }
  }

  /**
   * By key, where an output's objects are files.
   *
   * @param done ordinals of units that some run ended
   * @param objects as last put
   */
  record Files(Set<Long> done, Map<String, StoredObject> objects) {
    static Files read(RunFolder folder, String series) throws IOException {
      Files files = new Files(new HashSet<>(), new HashMap<>());
      forEach(folder, series, files::add);
      return files;
    }

    private void add(ObjectNode receipt) {
      done.add(receipt.path("ordinal").asLong());
      for (JsonNode object : receipt.path("objects")) {
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

  /** By array and ordinal, where an output's objects are those of a grid: 16 bytes each. */
  static final class Shards {
    private final List<long[]> bytes = new ArrayList<>();
    private final List<long[]> checksums = new ArrayList<>();
    private final List<String> arrays;

    private Shards(List<String> arrays, int count) {
      this.arrays = arrays;
      for (int a = 0; a < arrays.size(); a++) {
        long[] unknown = new long[count];
        Arrays.fill(unknown, ZarrCheck.UNKNOWN);
        bytes.add(unknown);
        checksums.add(unknown.clone());
      }
    }

    /**
     * @param arrays names in the group
     * @param count objects of each
     */
    static Shards read(RunFolder folder, String series, List<String> arrays, int count)
        throws IOException {
      Shards shards = new Shards(arrays, count);
      forEach(folder, series, shards::add);
      return shards;
    }

    private void add(ObjectNode receipt) {
      long ordinal = receipt.path("ordinal").asLong();
      if (ordinal < 0 || ordinal >= bytes.get(0).length) {
        return; // of an output that has shrunk: what it stored is left over
      }
      int at = (int) ordinal;
      boolean written =
          !receipt.path("status").asText().equals(Receipt.Status.ALREADY_THERE.toString());
      for (int a = 0; a < arrays.size(); a++) {
        JsonNode object = object(receipt, arrays.get(a) + "/");
        if (written || bytes.get(a)[at] == ZarrCheck.UNKNOWN) {
          bytes.get(a)[at] = object.path("bytes").asLong(0);
          checksums.get(a)[at] = object.path("crc32c").asLong(ZarrCheck.UNKNOWN);
        }
      }
    }

    private static JsonNode object(ObjectNode receipt, String prefix) {
      for (JsonNode object : receipt.path("objects")) {
        if (object.path("key").asText().startsWith(prefix)) {
          return object;
        }
      }
      return JsonText.object();
    }

    Expected expected(int array, int ordinal) {
      return new Expected(bytes.get(array)[ordinal], checksums.get(array)[ordinal]);
    }
  }
}
