package org.pointwise.tensor;

/** A symmetric matrix kept as its upper triangle, row after row. */
public final class UpperTriangle {
  private UpperTriangle() {}

  /** Elements of an n×n matrix's triangle. */
  public static int length(int n) {
    return Math.toIntExact((long) n * (n + 1) / 2);
  }

  /** Where element (i, j) is, in any order of i and j. */
  public static int at(int i, int j, int n) {
    int row = Math.min(i, j);
    return (int) ((long) row * (2L * n - row - 1) / 2) + Math.max(i, j);
  }
}
