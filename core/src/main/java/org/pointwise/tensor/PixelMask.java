package org.pointwise.tensor;

import java.util.BitSet;

/**
 * Marks pixels of a box as nodata. Immutable.
 *
 * @param box the pixels, in row-major order
 * @param hidden the positions of the nodata pixels; not modified afterwards
 */
public record PixelMask(Box box, BitSet hidden) {
  /**
   * Sets the elements of the nodata pixels among {@code first … first + count} of a box to true,
   * and leaves the others.
   *
   * @param part a box within this mask's box
   * @param first a position in {@code part}, in row-major order
   * @param marks the first element is that of the pixel {@code first}
   */
  public void mark(Box part, long first, int count, boolean[] marks) {
    for (int p = 0; p < count; ) {
      int x = (int) ((first + p) % part.x());
      int run = Math.min(part.x() - x, count - p); // within one row
      int at = index(part, first + p);
      for (int i = 0; i < run; i++) {
        marks[p + i] |= hidden.get(at + i);
      }
      p += run;
    }
  }

  /** Returns whether the pixel of {@code part} at a position in row-major order is nodata. */
  public boolean isHidden(Box part, long position) {
    return hidden.get(index(part, position));
  }

  private int index(Box part, long position) {
    long x = part.x0() - box.x0() + position % part.x();
    long y = part.y0() - box.y0() + position / part.x() % part.y();
    long n = part.n0() - box.n0() + position / part.x() / part.y();
    return (int) ((n * box.y() + y) * box.x() + x);
  }
}
