package org.pointwise.work;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.store.ObjectHash;

/**
 * What the receipts of earlier runs record of an output's objects, the latest of each. Immutable
 * once they are read.
 */
public abstract sealed class ReceiptIndex {
  /** Units whose reasons are kept; all of them are counted. */
  private static final int MAX_UNREADABLE = 1000;

  private final Set<Long> withBad = new HashSet<>();
  private final Map<Long, UnitCounts> counts = new HashMap<>();
  private final Map<Long, List<String>> unreadable = new TreeMap<>();

  /** What is recorded of a head's object of a unit. */
  public abstract Expected expected(long ordinal, int head, String key);

  abstract void addObjects(ReceiptLine receipt);

  /** Keeps the digests of what a unit was computed from. */
  abstract void setInputs(long ordinal, Inputs inputs);

  /** What a unit was computed from. */
  public abstract Inputs inputs(long ordinal);

  /**
   * Digests by {@link InputVersion}.
   *
   * @param digest 0 where unknown
   * @param lengths likewise
   */
  public record Inputs(long digest, long lengths) {
    static final Inputs UNKNOWN = new Inputs(0, 0);
  }

  /** Adds a receipt; those of later runs come later. */
  final void add(ReceiptLine receipt) {
    addObjects(receipt);
    long ordinal = receipt.ordinal();
    setInputs(ordinal, receipt.inputs());
    List<String> lines = receipt.unreadable();
    unreadable.remove(ordinal);
    if (!lines.isEmpty() && unreadable.size() < MAX_UNREADABLE) {
      unreadable.put(ordinal, lines);
    }
    UnitCounts counted = receipt.counts();
    if (counted.bad() > 0) {
      withBad.add(ordinal);
    }
    if (counted.equals(UnitCounts.NONE)) {
      counts.remove(ordinal);
    } else {
      counts.put(ordinal, counted);
    }
  }

  /** What an earlier run counted in a unit. */
  public final UnitCounts counts(long ordinal) {
    return Objects.requireNonNullElse(counts.get(ordinal), UnitCounts.NONE);
  }

  /** Pixels that could not be decoded, of all units. */
  public final long badPixels() {
    return counts.values().stream().mapToLong(UnitCounts::bad).sum();
  }

  /** Units with pixels that could not be decoded, in the latest or an earlier run on record. */
  public final Set<Long> unitsWithBad() {
    return withBad;
  }

  /**
   * Why chunks of the input could not be decoded, of {@link #MAX_UNREADABLE} units in their order.
   */
  public final List<String> unreadable() {
    return unreadable.values().stream().flatMap(List::stream).distinct().toList();
  }

  /** By array and ordinal, where an output's objects are those of a grid: 24 to 40 bytes each. */
  public static final class OfGrid extends ReceiptIndex {
    private final List<String> arrays;
    private final long[][] bytes; // [array][ordinal]
    private final long[][] hashes; // [array][2 * ordinal]; zeros: unknown
    private final long[] inputs; // [2 * ordinal]

    /**
     * @param arrays names in the group
     * @param count objects of each
     */
    OfGrid(List<String> arrays, int count) {
      this.arrays = arrays;
      this.bytes = new long[arrays.size()][count];
      this.inputs = new long[Math.multiplyExact(2, count)];
      this.hashes = new long[arrays.size()][Math.multiplyExact(2, count)];
      for (long[] unknown : bytes) {
        Arrays.fill(unknown, ObjectChecker.UNKNOWN);
      }
    }

    @Override
    void addObjects(ReceiptLine receipt) {
      long ordinal = receipt.ordinal();
      if (ordinal < 0 || ordinal >= bytes[0].length) {
        return; // of an output that has shrunk: what it stored is left over
      }
      int at = (int) ordinal;
      for (int a = 0; a < arrays.size(); a++) {
        if (receipt.written() || bytes[a][at] == ObjectChecker.UNKNOWN) {
          Expected told = receipt.object(arrays.get(a) + "/");
          ObjectHash hash = told.hash();
          bytes[a][at] = told.bytes();
          hashes[a][2 * at] = hash == null ? 0 : hash.high();
          hashes[a][2 * at + 1] = hash == null ? 0 : hash.low();
        }
      }
    }

    @Override
    void setInputs(long ordinal, Inputs of) {
      if (ordinal >= 0 && ordinal < inputs.length / 2) {
        inputs[2 * (int) ordinal] = of.digest;
        inputs[2 * (int) ordinal + 1] = of.lengths;
      }
    }

    @Override
    public Inputs inputs(long ordinal) {
      int at = 2 * Math.toIntExact(ordinal);
      return new Inputs(inputs[at], inputs[at + 1]);
    }

    public Expected expected(int array, int ordinal) {
      long high = hashes[array][2 * ordinal];
      long low = hashes[array][2 * ordinal + 1];
      return new Expected(
          bytes[array][ordinal], high == 0 && low == 0 ? null : new ObjectHash(high, low));
    }

    @Override
    public Expected expected(long ordinal, int head, String key) {
      return expected(head, Math.toIntExact(ordinal));
    }
  }

  /** By key, where an output's objects are files. */
  public static final class OfFiles extends ReceiptIndex {
    private final Map<String, Expected> objects = new HashMap<>();
    private final Map<Long, Inputs> inputs = new HashMap<>(); // by ordinal

    @Override
    void addObjects(ReceiptLine receipt) {
      receipt.objects().forEach(objects::put);
    }

    @Override
    void setInputs(long ordinal, Inputs of) {
      inputs.put(ordinal, of);
    }

    @Override
    public Inputs inputs(long ordinal) {
      return Objects.requireNonNullElse(inputs.get(ordinal), Inputs.UNKNOWN);
    }

    public Map<String, Expected> objects() {
      return objects;
    }

    @Override
    public Expected expected(long ordinal, int head, @Nullable String key) {
      return Objects.requireNonNullElse(objects.get(key), Expected.NOTHING);
    }
  }
}
