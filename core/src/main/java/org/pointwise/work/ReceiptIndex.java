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
 * The receipts of previous runs for the objects of an output; the latest receipt of an object
 * counts. Immutable once all receipts are added.
 */
public abstract sealed class ReceiptIndex {
  /** Maximum number of units whose reasons are kept; all such units are counted. */
  private static final int MAX_UNREADABLE = 1000;

  private final Set<Long> badUnits = new HashSet<>();
  private final Map<Long, UnitCounts> counts = new HashMap<>();
  private final Map<Long, List<String>> unreadable = new TreeMap<>();

  /** The recorded length and hash of the object of a unit and a head. */
  public abstract Expected expected(long ordinal, int head, String key);

  abstract void addObjects(ReceiptLine receipt);

  /** Stores the digests of the input of a unit. */
  abstract void setInputs(long ordinal, Inputs inputs);

  /** The digests of the input of a unit. */
  public abstract Inputs inputs(long ordinal);

  /**
   * Digests by {@link InputVersion}.
   *
   * @param digest {@link InputVersion#digest}; 0 where unknown
   * @param lengths {@link InputVersion#lengths}; 0 where unknown
   */
  public record Inputs(long digest, long lengths) {
    static final Inputs UNKNOWN = new Inputs(0, 0);
  }

  /** Adds a receipt; receipts of later runs must be added later. */
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
      badUnits.add(ordinal);
    }
    if (counted.equals(UnitCounts.NONE)) {
      counts.remove(ordinal);
    } else {
      counts.put(ordinal, counted);
    }
  }

  /** Reasons why input chunks of a unit could not be decoded, from its latest receipt. */
  public final List<String> unreadable(long ordinal) {
    return unreadable.getOrDefault(ordinal, List.of());
  }

  /** The counts of a unit, from its latest receipt. */
  public final UnitCounts counts(long ordinal) {
    return Objects.requireNonNullElse(counts.get(ordinal), UnitCounts.NONE);
  }

  /** Pixels of all units that could not be decoded. */
  public final long badPixels() {
    return counts.values().stream().mapToLong(UnitCounts::bad).sum();
  }

  /**
   * Units with pixels that could not be decoded, according to the latest or any earlier receipt.
   */
  public final Set<Long> badUnits() {
    return badUnits;
  }

  /**
   * Distinct reasons why input chunks could not be decoded, of at most {@link #MAX_UNREADABLE}
   * units, ordered by unit.
   */
  public final List<String> unreadable() {
    return unreadable.values().stream().flatMap(List::stream).distinct().toList();
  }

  /** An index by array and ordinal, for objects of a grid: 24 to 40 bytes per object. */
  public static final class OfGrid extends ReceiptIndex {
    private final List<String> arrays;
    private final long[][] bytes; // [array][ordinal]
    private final long[][] hashes; // [array][2 * ordinal]; zeros: unknown
    private final long[] inputs; // [2 * ordinal]

    /**
     * An index without receipts.
     *
     * @param arrays names in the group
     * @param count objects of each array
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
        return; // from before the output shrank; its objects are left over
      }
      int at = (int) ordinal;
      for (int a = 0; a < arrays.size(); a++) {
        if (receipt.written() || bytes[a][at] == ObjectChecker.UNKNOWN) {
          Expected expected = receipt.object(arrays.get(a) + "/");
          ObjectHash hash = expected.hash();
          bytes[a][at] = expected.bytes();
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

  /** An index by key, for objects that are files. */
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
      return Objects.requireNonNullElse(objects.get(key), Expected.UNRECORDED);
    }
  }
}
