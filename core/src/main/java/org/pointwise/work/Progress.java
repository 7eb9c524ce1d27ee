package org.pointwise.work;

/** Receives the progress of units. Thread-safe. */
@FunctionalInterface
public interface Progress extends AutoCloseable {
  /** More units are done since the last call: so many, with so many pixels and decoded bytes. */
  void done(long units, long pixels, long bytesIn);

  /** No unit ends any more. */
  @Override
  default void close() {}

  /** Does nothing. */
  Progress SILENT = (units, pixels, bytesIn) -> {};
}
