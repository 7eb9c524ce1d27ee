package org.pointwise.run;

import java.io.IOException;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.CellRuns;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.store.ByteStore.Stamp;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;

/**
 * Sums of digests of an input's objects: of name, length and time of change, and of name and length
 * alone. A sum is the same in whatever units and order the objects are looked at. Immutable.
 *
 * @param objects how many
 * @param digest sums, modulo 2³⁰, of the low and of the high halves of 60-bit digests: a double
 *     holds each
 * @param lengths likewise, without times of change
 */
record InputStamps(long objects, long[] digest, long[] lengths) {
  /** Numbers that make one. */
  static final int LENGTH = 5;

  private static final int HALF_BITS = 30;
  private static final long HALF = (1L << HALF_BITS) - 1;

  /** Of no object. */
  static InputStamps none() {
    return new InputStamps(0, new long[2], new long[2]);
  }

  /** From an answer of a unit. */
  static InputStamps of(double[] numbers, int from) {
    return new InputStamps(
        (long) numbers[from],
        new long[] {(long) numbers[from + 1], (long) numbers[from + 2]},
        new long[] {(long) numbers[from + 3], (long) numbers[from + 4]});
  }

  void put(double[] numbers, int to) {
    numbers[to] = objects;
    for (int i = 0; i < 2; i++) {
      numbers[to + 1 + i] = digest[i];
      numbers[to + 3 + i] = lengths[i];
    }
  }

  InputStamps plus(InputStamps other) {
    return new InputStamps(
        objects + other.objects, plus(digest, other.digest), plus(lengths, other.lengths));
  }

  private static long[] plus(long[] a, long[] b) {
    return new long[] {(a[0] + b[0]) & HALF, (a[1] + b[1]) & HALF};
  }

  static InputStamps of(String key, Stamp stamp) {
    String lengths = key + " " + stamp.size();
    return new InputStamps(1, digest(lengths + " " + stamp.modified()), digest(lengths));
  }

  private static long[] digest(String text) {
    long bits = Long.parseLong(Hashes.sha256(text).substring(0, 15), 16);
    return new long[] {bits & HALF, bits >> HALF_BITS};
  }

  /** As it is recorded. */
  static String text(long[] digest) {
    return "%015x".formatted(digest[0] | digest[1] << HALF_BITS);
  }

  /**
   * Looks at the objects of the cells of a unit, those of past images apart; answers with both sums
   * and with the newest past object: its time of change, its cell and its place in that.
   */
  static final class Unit implements MapUnit {
    static final int ANSWER = 2 * LENGTH + 3;

    private final InputStampsPlan plan;
    private final long ordinal;
    private final ByteStores stores;

    Unit(InputStampsPlan plan, long ordinal, ByteStores stores) {
      this.plan = plan;
      this.ordinal = ordinal;
      this.stores = stores;
    }

    @Override
    public double[] apply(double[] parameters) {
      FeatureSource source;
      try {
        source =
            plan.labels()
                ? Formats.reopenLabels(stores, plan.input())
                : Formats.reopen(stores, plan.input(), plan.dequantisation());
      } catch (IOException e) {
        throw Formats.unreadable(plan.input().uri(), e);
      }
      try {
        CellRuns units = plan.units();
        double[] answer = new double[ANSWER];
        for (long cell = units.first(ordinal); cell < units.end(ordinal); cell++) {
          look(source, cell, units.cells().box(cell), answer);
        }
        return answer;
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot look at the objects of %s: %s; mend the cause and run the same command again"
                .formatted(plan.input().uri(), e),
            e);
      }
    }

    /** Adds a cell's objects, unless another cell that shares them adds them. */
    private void look(FeatureSource source, long cell, Box box, double[] answer)
        throws IOException {
      Extent object = source.object();
      boolean first =
          box.n0() % object.n() == 0 && box.y0() % object.y() == 0 && box.x0() % object.x() == 0;
      if (!first || box.n0() + object.n() > plan.input().shape().n()) {
        return;
      }
      boolean isPast = box.n0() + object.n() <= plan.past();
      List<String> keys = source.objects(box);
      List<Stamp> stamps = source.store().stampsOf(keys);
      InputStamps sum = none();
      for (int i = 0; i < keys.size(); i++) {
        Stamp stamp = stamps.get(i);
        sum = sum.plus(of(keys.get(i), stamp));
        if (isPast && stamp.modified() > answer[2 * LENGTH]) {
          answer[2 * LENGTH] = stamp.modified();
          answer[2 * LENGTH + 1] = cell;
          answer[2 * LENGTH + 2] = i;
        }
      }
      of(answer, LENGTH).plus(sum).put(answer, LENGTH);
      if (isPast) {
        of(answer, 0).plus(sum).put(answer, 0);
      }
    }
  }
}
