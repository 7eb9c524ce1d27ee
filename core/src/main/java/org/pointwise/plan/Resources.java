package org.pointwise.plan;

import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;

/**
 * The memory and the parallelism of the processes of a run.
 *
 * @param tasks units computed at once in one process
 * @param bytesPerTask heap bytes that one task may use
 * @param heap bytes of the heap that the tasks share
 * @param heapOption for people: the option that sets this heap, with its value as {@code %dm}
 * @param nativeBytesPerTask bytes outside the heap that one task may use
 */
public record Resources(
    int tasks, long bytesPerTask, long heap, String heapOption, long nativeBytesPerTask) {
  /** Resources of a process with unbounded memory outside the heap. */
  public static Resources of(int tasks, long heap, String heapOption) {
    return of(tasks, heap, heapOption, Long.MAX_VALUE);
  }

  /** Resources of a process; its tasks share four fifths of its heap. */
  public static Resources of(int tasks, long heap, String heapOption, long nativeBytesPerTask) {
    return new Resources(
        tasks, heap / 5 * 4 / Math.max(1, tasks), heap, heapOption, nativeBytesPerTask);
  }

  /** Resources of this JVM for {@code tasks} tasks at once. */
  public static Resources ofThisJvm(int tasks) {
    return of(tasks, Runtime.getRuntime().maxMemory(), "JAVA_OPTS=-Xmx%dm");
  }

  /**
   * The same resources with another share of the heap for each task.
   *
   * @throws InvalidInputException if the shares of all tasks exceed the heap
   */
  public Resources withPerTask(long bytes) {
    if (bytes > heap / tasks) {
      throw new InvalidInputException(
          "Cannot give a task %d MiB: the heap has %d MiB for %s at once; use a smaller --memory-per-task, or %s"
              .formatted(bytes >> 20, heap >> 20, Count.of(tasks, "task"), option(bytes * tasks)));
    }
    return new Resources(tasks, bytes, heap, heapOption, nativeBytesPerTask);
  }

  /** The option that increases the share of a task to {@code needed} bytes. */
  private String increaseOption(long needed) {
    long share = heap / 5 * 4 / tasks;
    return bytesPerTask < share && needed <= share
        ? "--memory-per-task %dMiB, or none".formatted((needed >> 20) + 1)
        : option(needed * tasks / 4 * 5)
            + (bytesPerTask == share ? "" : " without --memory-per-task");
  }

  /** The heap option for {@code bytes}; a garbage collector may reserve a ninth of the heap. */
  private String option(long bytes) {
    return heapOption.formatted(((bytes / 8 * 9) >> 20) + 1);
  }

  /**
   * Checks that a task fits the heap.
   *
   * @param errorPrefix for people: what cannot be done
   * @param needed heap bytes that a task needs
   * @param otherRemedies for people: remedies other than a larger heap
   * @throws InvalidInputException with both numbers and the options to change
   */
  public void requireHeap(String errorPrefix, long needed, String otherRemedies) {
    if (needed > bytesPerTask) {
      throw new InvalidInputException(
          "%s: a task needs %d MiB but has %d MiB (%s at once); use %s%s"
              .formatted(
                  errorPrefix,
                  (needed >> 20) + 1,
                  bytesPerTask >> 20,
                  Count.of(tasks, "task"),
                  increaseOption(needed),
                  otherRemedies));
    }
  }

  /**
   * Checks that a task fits the memory outside the heap.
   *
   * @param needed bytes outside the heap that a task needs
   */
  void requireNative(long needed) {
    if (needed > nativeBytesPerTask) {
      throw new InvalidInputException(
          "Cannot run: a task needs %d MiB beside the heap (compression, input and output) but has %d MiB (%s at once); use a larger spark.executor.memoryOverhead, fewer spark.executor.cores, or a smaller --shard-size"
              .formatted((needed >> 20) + 1, nativeBytesPerTask >> 20, Count.of(tasks, "task")));
    }
  }
}
