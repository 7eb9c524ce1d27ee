package org.pointwise.tensor;

/**
 * The position of an array's first pixel within the first box of a grid. It is not zero where the
 * array is a part of a larger array whose grid it keeps.
 */
public record Offset(int n, int y, int x) {
  /** The array begins where its grid begins. */
  public static final Offset NONE = new Offset(0, 0, 0);
}
