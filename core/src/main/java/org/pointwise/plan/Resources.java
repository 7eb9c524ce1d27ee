package org.pointwise.plan;

import org.pointwise.errors.InvalidInputException;

/**
 * What the machines of a run have.
 *
 * @param tasks units computed at once in one process
 * @param bytesPerTask heap that one of them may use
 * @param heap bytes of the heap that a task's share is taken from
 * @param heapOption for people: the option that sets this heap, its value {@code %dm}
 * @param nativeBytesPerTask memory beside the heap that one of them may use
 */
public record Resources(
    int tasks, long bytesPerTask, long heap, String heapOption, long nativeBytesPerTask) {
  /** Of a process whose memory beside the heap nobody bounds. */
  public static Resources of(int tasks, long heap, String heapOption) {
    return of(tasks, heap, heapOption, Long.MAX_VALUE);
  }

  /** Of a process; its tasks share four fifths of its heap. */
  public static Resources of(int tasks, long heap, String heapOption, long nativeBytesPerTask) {
    return new Resources(
        tasks, heap / 5 * 4 / Math.max(1, tasks), heap, heapOption, nativeBytesPerTask);
  }

  /** What this JVM has for as many tasks at once. */
  public static Resources here(int tasks) {
    return of(tasks, Runtime.getRuntime().maxMemory(), "JAVA_OPTS=-Xmx%dm");
  }

  /**
   * The same with another share of the heap for each task.
   *
   * @throws InvalidInputException if the tasks together would have more than the heap
   */
  public Resources withPerTask(long bytes) {
    if (bytes > heap / tasks) {
      throw new InvalidInputException(
          "Cannot give a task %d MiB: the heap has %d MiB for %d tasks at once; use a smaller --memory-per-task, or %s"
              .formatted(bytes >> 20, heap >> 20, tasks, option(bytes * tasks)));
    }
    return new Resources(tasks, bytes, heap, heapOption, nativeBytesPerTask);
  }

  /** The option that gives a task what it needs. */
  private String more(long needed) {
    long share = heap / 5 * 4 / tasks;
    return bytesPerTask < share && needed <= share
        ? "--memory-per-task %dMiB, or none".formatted((needed >> 20) + 1)
        : option(needed * tasks / 4 * 5)
            + (bytesPerTask == share ? "" : " without --memory-per-task");
  }

  /** A collector may keep a ninth of the heap that a JVM is given for itself. */
  private String option(long bytes) {
    return heapOption.formatted(((bytes / 8 * 9) >> 20) + 1);
  }

  /**
   * Refuses what does not fit the heap.
   *
   * @param cannot for people: what cannot be done
   * @param needed bytes of the heap that a task needs
   * @param others what else helps, beside a larger heap
   * @throws InvalidInputException with both numbers and the options to change
   */
  public void requireHeap(String cannot, long needed, String others) {
    if (needed > bytesPerTask) {
      throw new InvalidInputException(
          "%s: a task needs %d MiB but has %d MiB (%d tasks at once); use %s%s"
              .formatted(
                  cannot, (needed >> 20) + 1, bytesPerTask >> 20, tasks, more(needed), others));
    }
  }

  /**
   * Refuses what does not fit beside the heap.
   *
   * @param needed bytes that a task needs there
   */
  void requireNative(long needed) {
    if (needed > nativeBytesPerTask) {
      throw new InvalidInputException(
          "Cannot run: a task needs %d MiB beside the heap (compression, input and output) but has %d MiB (%d tasks at once); use a larger spark.executor.memoryOverhead, fewer spark.executor.cores, or a smaller --shard-size"
              .formatted((needed >> 20) + 1, nativeBytesPerTask >> 20, tasks));
    }
  }
}
