package org.pointwise.plan;

import java.util.Arrays;

/**
 * Units in runs that become shorter towards the end, so that all tasks end together however unlike
 * their units are: a quarter of what is left, shared out evenly, is in flight at once
 * (Polychronopoulos and Kuck, "Guided Self-Scheduling", 1987). Runs are handed out in their order.
 */
public final class TaskRanges {
  /** Runs a task gets at least, so that a lost one costs little and progress is told often. */
  private static final int RUNS_PER_TASK = 32;

  /** A run is at most this part of a task's even share of what is left. */
  private static final int SHARES = 4;

  private final long[] ends;

  private TaskRanges(long[] ends) {
    this.ends = ends;
  }

  /**
   * Cuts units into runs.
   *
   * @param tasks that run at once
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
   * Cuts units into runs of equal length, a power of two, so that the numbers of a run are one node
   * of the tree in which they are added.
   *
   * @param tasks that run at once
   */
  public static TaskRanges aligned(long units, int tasks) {
    int bits = bits(units, tasks);
    long[] ends = new long[Math.toIntExact(((units - 1) >> bits) + 1)];
    for (int run = 0; run < ends.length; run++) {
      ends[run] = Math.min(units, (run + 1L) << bits);
    }
    return new TaskRanges(ends);
  }

  /** Of the units of an {@link #aligned} run, the logarithm to base 2. */
  public static int bits(long units, int tasks) {
    return 63 - Long.numberOfLeadingZeros(Math.max(1, units / ((long) SHARES * tasks)));
  }

  public int count() {
    return ends.length;
  }

  /** The first unit of a run. */
  public long first(int run) {
    return run == 0 ? 0 : ends[run - 1];
  }

  /** The unit after the last of a run. */
  public long end(int run) {
    return ends[run];
  }
}
