package org.pointwise.conv;

/**
 * The sums of a block in the layout that the microkernels write: lines of columns, cut into panels
 * of {@code width} columns (the last may be narrower), {@code [panel][line][column]}. Mutable.
 */
record Accumulators(float[] values, int lines, int columns, int width) {
  static Accumulators of(int lines, int columns, int width) {
    return new Accumulators(new float[Math.multiplyExact(lines, columns)], lines, columns, width);
  }

  /**
   * Returns the number of columns of the panel that holds {@code column}: the distance between its
   * lines.
   */
  int lineStep(int column) {
    return Math.min(width, columns - panel(column));
  }

  /** Returns the first column of the panel that holds {@code column}. */
  int panel(int column) {
    return column / width * width;
  }

  /** Returns the index of a sum. */
  int index(int line, int column) {
    int panel = panel(column);
    return panel * lines + line * lineStep(column) + column - panel;
  }
}
