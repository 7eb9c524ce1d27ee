package org.pointwise.parquet;

import java.util.Arrays;

/** The repetition or definition levels of a page, one after another. Confined to one thread. */
@FunctionalInterface
interface Levels {
  /** Levels of which there is but one. */
  Levels ZEROS = (to, count) -> Arrays.fill(to, 0, count, (byte) 0);

  /**
   * Reads the next levels to the start of an array.
   *
   * @throws RuntimeException if there are fewer, or they are damaged
   */
  void read(byte[] to, int count);
}
