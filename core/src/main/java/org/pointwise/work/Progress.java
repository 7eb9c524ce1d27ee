package org.pointwise.work;

/** Hears of units as they end. Thread-safe. */
@FunctionalInterface
public interface Progress extends AutoCloseable {
  /** More units are done since the last call: so many, with so many pixels and decoded bytes. */
  void done(long units, long pixels, long bytesIn);

  /** No unit ends any more. */
  @Override
  default void close() {}

  /** Hears nothing. */
  Progress SILENT = (units, pixels, bytesIn) -> {};
}
