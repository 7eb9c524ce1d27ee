package org.pointwise.spark.sql;

import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A set of indexes below a length, as disjoint half-open ranges in ascending order. May be empty.
 * Immutable.
 */
final class Ranges implements Serializable {
  private static final long serialVersionUID = 1;

  private final long length;
  private final long[] begins;
  private final long[] ends;
  private final long[] starts; // number of indexes before each range, and of all

  private Ranges(long length, long[] begins, long[] ends) {
    this.length = length;
    this.begins = begins;
    this.ends = ends;
    this.starts = new long[begins.length + 1];
    for (int i = 0; i < begins.length; i++) {
      starts[i + 1] = starts[i] + ends[i] - begins[i];
    }
  }

  /** Returns the indexes of {@code begin … end − 1} that are below the length and not negative. */
  static Ranges of(long begin, long end, long length) {
    long from = Math.max(0, begin);
    long to = Math.min(length, end);
    return from < to
        ? new Ranges(length, new long[] {from}, new long[] {to})
        : new Ranges(length, new long[0], new long[0]);
  }

  /** Returns the set of those indexes that are below the length and not negative. */
  static Ranges ofIndexes(long[] indexes, long length) {
    long[] ascending = indexes.clone();
    Arrays.sort(ascending);
    Builder ranges = new Builder(length);
    for (long index : ascending) {
      if (index >= 0 && index < length) {
        ranges.add(index, index + 1);
      }
    }
    return ranges.build();
  }

  static Ranges all(long length) {
    return of(0, length, length);
  }

  /** Collects ranges in ascending order. Ranges that touch or overlap are joined. */
  static final class Builder {
    private final long length;
    private long[] begins = new long[4];
    private long[] ends = new long[4];
    private int count;

    Builder(long length) {
      this.length = length;
    }

    /** Adds a range; an empty one has no effect. */
    void add(long begin, long end) {
      if (begin >= end) {
        return;
      }
      if (count > 0 && begin <= ends[count - 1]) {
        ends[count - 1] = Math.max(ends[count - 1], end);
        return;
      }
      if (count == begins.length) {
        begins = Arrays.copyOf(begins, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      begins[count] = begin;
      ends[count++] = end;
    }

    Ranges build() {
      return new Ranges(length, Arrays.copyOf(begins, count), Arrays.copyOf(ends, count));
    }
  }

  /** Returns the indexes that both sets have. The lengths are equal. */
  Ranges and(Ranges other) {
    Builder both = new Builder(length);
    for (int i = 0, j = 0; i < begins.length && j < other.begins.length; ) {
      both.add(Math.max(begins[i], other.begins[j]), Math.min(ends[i], other.ends[j]));
      if (ends[i] < other.ends[j]) {
        i++;
      } else {
        j++;
      }
    }
    return both.build();
  }

  /** Returns the indexes that a set has. The lengths are equal. */
  Ranges or(Ranges other) {
    return not().and(other.not()).not();
  }

  /** Returns the indexes below the length that this set does not have. */
  Ranges not() {
    Builder others = new Builder(length);
    long begin = 0;
    for (int i = 0; i < begins.length; i++) {
      others.add(begin, begins[i]);
      begin = ends[i];
    }
    others.add(begin, length);
    return others.build();
  }

  /** Returns the number of indexes. */
  long count() {
    return starts[begins.length];
  }

  /** Returns the number of indexes below a bound. */
  long countBelow(long bound) {
    int range = rangeEndingAfter(bound);
    return starts[range] + (range < begins.length ? Math.max(0, bound - begins[range]) : 0);
  }

  /** Returns which of the indexes {@code begin … end − 1} the set has; empty if it has all. */
  boolean[] within(long begin, long end) {
    int length = Math.toIntExact(end - begin);
    if (countBelow(end) - countBelow(begin) == length) {
      return new boolean[0];
    }
    boolean[] has = new boolean[length];
    for (int i = rangeEndingAfter(begin); i < begins.length && begins[i] < end; i++) {
      Arrays.fill(
          has,
          (int) (Math.max(begin, begins[i]) - begin),
          (int) (Math.min(end, ends[i]) - begin),
          true);
    }
    return has;
  }

  /** Returns the index at a position, counted from 0 in ascending order. */
  long get(long position) {
    int found = Arrays.binarySearch(starts, position);
    int range = found >= 0 ? found : -found - 2;
    return begins[range] + position - starts[range];
  }

  int ranges() {
    return begins.length;
  }

  long begin(int range) {
    return begins[range];
  }

  long end(int range) {
    return ends[range];
  }

  /** Returns the first range that ends after an index. */
  int rangeEndingAfter(long index) {
    int found = Arrays.binarySearch(ends, index);
    return found >= 0 ? found + 1 : -found - 1;
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof Ranges other
        && length == other.length
        && Arrays.equals(begins, other.begins)
        && Arrays.equals(ends, other.ends);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(begins) * 31 + Arrays.hashCode(ends);
  }
}
