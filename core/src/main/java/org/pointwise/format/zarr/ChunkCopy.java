package org.pointwise.format.zarr;

/** Copies boxes between arrays of equal element size and different strides. */
final class ChunkCopy {
  private ChunkCopy() {}

  /**
   * Copies a box.
   *
   * @param lengths the length of the box along each dimension
   * @param fromStrides elements between neighbours along each dimension
   * @param toStrides likewise
   * @param bytes the length of an element
   */
  static void copy(
      byte[] from,
      int fromAt,
      long[] fromStrides,
      byte[] to,
      int toAt,
      long[] toStrides,
      int[] lengths,
      int bytes) {
    // Trailing dimensions that are contiguous on both sides form one run.
    int outer = lengths.length;
    long run = 1;
    while (outer > 0 && fromStrides[outer - 1] == run && toStrides[outer - 1] == run) {
      run *= lengths[--outer];
    }
    new Runs(from, fromStrides, to, toStrides, lengths, outer, (int) run, bytes)
        .copy(0, fromAt, toAt);
  }

  private record Runs(
      byte[] from,
      long[] fromStrides,
      byte[] to,
      long[] toStrides,
      int[] lengths,
      int outer,
      int run,
      int bytes) {
    void copy(int dimension, int fromAt, int toAt) {
      if (dimension == outer) {
        System.arraycopy(from, fromAt, to, toAt, run * bytes);
        return;
      }
      int fromStep = Math.toIntExact(fromStrides[dimension] * bytes);
      int toStep = Math.toIntExact(toStrides[dimension] * bytes);
      for (int i = 0; i < lengths[dimension]; i++) {
        copy(dimension + 1, fromAt + i * fromStep, toAt + i * toStep);
      }
    }
  }
}
