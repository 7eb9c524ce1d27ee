package org.pointwise.plan;

import org.pointwise.errors.InvalidInputException;

/**
 * What the machines of a run have.
 *
 * @param tasks units computed at once in one process
 * @param bytesPerTask heap that one of them may use
 * @param knob for people: the option that gives a task more of it
 * @param nativeBytesPerTask memory beside the heap that one of them may use
 */
public record Resources(int tasks, long bytesPerTask, String knob, long nativeBytesPerTask) {
  /** Of a process whose memory beside the heap nobody bounds. */
  public Resources(int tasks, long bytesPerTask, String knob) {
    this(tasks, bytesPerTask, knob, Long.MAX_VALUE);
  }

  /** What this JVM has for as many tasks at once. */
  public static Resources here(int tasks) {
    return new Resources(
        tasks, ofHeap(Runtime.getRuntime().maxMemory(), tasks), "a larger heap (JAVA_OPTS=-Xmx…)");
  }

  /** Of a heap, what each of some tasks may use: their share of four fifths of it. */
  public static long ofHeap(long bytes, int tasks) {
    return bytes / 5 * 4 / tasks;
  }

  /**
   * Refuses what does not fit the heap.
   *
   * @param cannot for people: what cannot be done
   * @param needed bytes of the heap that a task needs
   * @param others what else helps, beside {@link #knob}
   * @throws InvalidInputException with both numbers and the options to change
   */
  public void requireHeap(String cannot, long needed, String others) {
    if (needed > bytesPerTask) {
      throw new InvalidInputException(
          "%s: a task needs %d MiB but has %d MiB (%d tasks at once); use %s%s"
              .formatted(cannot, (needed >> 20) + 1, bytesPerTask >> 20, tasks, knob, others));
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
          "Cannot run: a task needs %d MiB beside the heap (compression, input and output) but has %d MiB (%d tasks at once); use a larger spark.executor.memoryOverhead, fewer spark.executor.cores, or a smaller --shard-mib"
              .formatted((needed >> 20) + 1, nativeBytesPerTask >> 20, tasks));
    }
  }
}
