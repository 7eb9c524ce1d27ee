package org.pointwise.plan;

import java.util.Arrays;

/**
 * Divides units into ranges that become shorter towards the end, so that all tasks end at about the
 * same time even where units differ in duration. The ranges that run at one time cover together a
 * quarter of the remaining units, in equal shares (Polychronopoulos and Kuck, "Guided
 * Self-Scheduling", 1987). Ranges are assigned in their order. Immutable.
 */
public final class TaskRanges {
  /** Minimum ranges per task, so that a lost range costs little and progress is reported often. */
  private static final int RUNS_PER_TASK = 32;

  /** A range has at most this fraction of a task's equal share of the remaining units: 1/SHARES. */
  private static final int SHARES = 4;

  private final long[] ends;

  private TaskRanges(long[] ends) {
    this.ends = ends;
  }

  /**
   * Divides units into ranges that become shorter.
   *
   * @param tasks number of tasks that run at once
   */
  public static TaskRanges of(long units, int tasks) {
    long max = Math.max(1, units / ((long) RUNS_PER_TASK * tasks));
    long[] ends = new long[16];
    int count = 0;
    for (long end = 0; end < units; count++) {
      end += Math.max(1, Math.min(max, (units - end) / ((long) SHARES * tasks)));
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
      }
      ends[count] = end;
    }
    return new TaskRanges(Arrays.copyOf(ends, count));
  }

  /**
   * Divides units into ranges of equal length, a power of two, so that the sum of the numbers of a
   * range is one node of the tree in which they are added.
   *
   * @param tasks number of tasks that run at once
   */
  public static TaskRanges aligned(long units, int tasks) {
    int bits = bits(units, tasks);
    long[] ends = new long[Math.toIntExact(((units - 1) >> bits) + 1)];
    for (int run = 0; run < ends.length; run++) {
      ends[run] = Math.min(units, (run + 1L) << bits);
    }
    return new TaskRanges(ends);
  }

  /** The base-2 logarithm of the number of units of an {@link #aligned} range. */
  public static int bits(long units, int tasks) {
    return 63 - Long.numberOfLeadingZeros(Math.max(1, units / ((long) SHARES * tasks)));
  }

  public int count() {
    return ends.length;
  }

  /** The first unit of a range. */
  public long first(int run) {
    return run == 0 ? 0 : ends[run - 1];
  }

  /** The unit after the last one of a range. */
  public long end(int run) {
    return ends[run];
  }
}
