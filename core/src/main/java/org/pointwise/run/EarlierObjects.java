package org.pointwise.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ObjectHash;
import org.pointwise.store.zarr.ZarrCheck;
import org.pointwise.store.zarr.ZarrCheck.Expected;

/**
 * What the receipts of earlier runs tell of an output's objects, the latest of each. Immutable once
 * they are read.
 */
abstract sealed class EarlierObjects {
  private final Map<Long, UnitCounts> counts = new HashMap<>();

  /** What is told of a head's object of a unit. */
  abstract Expected expected(long ordinal, int head, String key);

  abstract void add(ObjectNode receipt, boolean written);

  /** Adds a receipt; those of later runs come later. */
  final void add(ObjectNode receipt) {
    boolean written =
        !receipt.path("status").asText().equals(Receipt.Status.ALREADY_THERE.toString());
    add(receipt, written);
    long ordinal = receipt.path("ordinal").asLong();
    UnitCounts counted = UnitCounts.of(receipt);
    if (counted.equals(UnitCounts.NONE)) {
      counts.remove(ordinal);
    } else {
      counts.put(ordinal, counted);
    }
  }

  /** What an earlier run counted in a unit. */
  final UnitCounts counts(long ordinal) {
    return Objects.requireNonNullElse(counts.get(ordinal), UnitCounts.NONE);
  }

  private static Expected told(JsonNode object) {
    return new Expected(
        object.path("bytes").asLong(), ObjectHash.ofHex(object.path("sha256").asText()));
  }

  /** By array and ordinal, where an output's objects are those of a grid: 24 bytes each. */
  static final class OfGrid extends EarlierObjects {
    private final List<String> arrays;
    private final long[][] bytes; // [array][ordinal]
    private final long[][] hashes; // [array][2 * ordinal]; zeros: unknown

    /**
     * @param arrays names in the group
     * @param count objects of each
     */
    OfGrid(List<String> arrays, int count) {
      this.arrays = arrays;
      this.bytes = new long[arrays.size()][count];
      this.hashes = new long[arrays.size()][Math.multiplyExact(2, count)];
      for (long[] unknown : bytes) {
        Arrays.fill(unknown, ZarrCheck.UNKNOWN);
      }
    }

    @Override
    void add(ObjectNode receipt, boolean written) {
      long ordinal = receipt.path("ordinal").asLong();
      if (ordinal < 0 || ordinal >= bytes[0].length) {
        return; // of an output that has shrunk: what it stored is left over
      }
      int at = (int) ordinal;
      for (int a = 0; a < arrays.size(); a++) {
        if (written || bytes[a][at] == ZarrCheck.UNKNOWN) {
          Expected told = told(object(receipt, arrays.get(a) + "/"));
          ObjectHash hash = told.hash();
          bytes[a][at] = told.bytes();
          hashes[a][2 * at] = hash == null ? 0 : hash.high();
          hashes[a][2 * at + 1] = hash == null ? 0 : hash.low();
        }
      }
    }

    private static JsonNode object(ObjectNode receipt, String prefix) {
      for (JsonNode object : receipt.path("objects")) {
        if (object.path("key").asText().startsWith(prefix)) {
          return object;
        }
      }
      return ReceiptFiles.NO_OBJECT;
    }

    Expected expected(int array, int ordinal) {
      long high = hashes[array][2 * ordinal];
      long low = hashes[array][2 * ordinal + 1];
      return new Expected(
          bytes[array][ordinal], high == 0 && low == 0 ? null : new ObjectHash(high, low));
    }

    @Override
    Expected expected(long ordinal, int head, String key) {
      return expected(head, Math.toIntExact(ordinal));
    }
  }

  /** By key, where an output's objects are files. */
  static final class OfFiles extends EarlierObjects {
    private final Map<String, Expected> objects = new HashMap<>();

    @Override
    void add(ObjectNode receipt, boolean written) {
      for (JsonNode object : receipt.path("objects")) {
        objects.put(object.path("key").asText(), told(object));
      }
    }

    Map<String, Expected> objects() {
      return objects;
    }

    @Override
    Expected expected(long ordinal, int head, @Nullable String key) {
      return Objects.requireNonNullElse(objects.get(key), Expected.NOTHING);
    }
  }
}
