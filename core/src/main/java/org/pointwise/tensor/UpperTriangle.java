package org.pointwise.tensor;

/** The layout of a symmetric matrix that is stored as its upper triangle, row by row. */
public final class UpperTriangle {
  private UpperTriangle() {}

  /** Returns the number of elements in the triangle of an n×n matrix. */
  public static int length(int n) {
    return Math.toIntExact((long) n * (n + 1) / 2);
  }

  /** Returns the index of element (i, j), for i and j in either order. */
  public static int index(int i, int j, int n) {
    int row = Math.min(i, j);
    return (int) ((long) row * (2L * n - row - 1) / 2) + Math.max(i, j);
  }
}
