package org.pointwise.work;

/** Receives the progress of units. Thread-safe. */
@FunctionalInterface
public interface Progress extends AutoCloseable {
  /**
   * Reports progress since the last call.
   *
   * @param units number of completed units
   * @param pixels number of their pixels
   * @param bytesIn decoded input bytes of these units
   */
  void done(long units, long pixels, long bytesIn);

  /** Ends the reports: no unit completes after this call. */
  @Override
  default void close() {}

  /** Ignores all progress. */
  Progress SILENT = (units, pixels, bytesIn) -> {};
}
