package org.pointwise.conv;

/**
 * Sums of a block as the microkernels leave them: lines of columns, cut into panels of {@code
 * width} columns (the last may be narrower), {@code [panel][line][column]}. Mutable.
 */
record Accumulators(float[] values, int lines, int columns, int width) {
  static Accumulators of(int lines, int columns, int width) {
    return new Accumulators(new float[Math.multiplyExact(lines, columns)], lines, columns, width);
  }

  /** Columns of the panel that holds {@code column}: the distance between its lines. */
  int lineStep(int column) {
    return Math.min(width, columns - panel(column));
  }

  /** The first column of the panel that holds {@code column}. */
  int panel(int column) {
    return column / width * width;
  }

  /** Where a sum lies. */
  int at(int line, int column) {
    int panel = panel(column);
    return panel * lines + line * lineStep(column) + column - panel;
  }
}
