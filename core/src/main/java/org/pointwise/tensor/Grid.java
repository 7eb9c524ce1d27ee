package org.pointwise.tensor;

import java.util.stream.LongStream;

/**
 * A regular grid of boxes over a feature array, numbered in row-major order. The boxes are disjoint
 * and cover the array. The boxes at the far edges may be smaller.
 */
public record Grid(long n, long y, long x, Extent tile) {

  public static Grid over(FeatureShape shape, Extent tile) {
    return new Grid(shape.n(), shape.y(), shape.x(), tile);
  }

  public long down() {
    return ceil(y, tile.y());
  }

  public long across() {
    return ceil(x, tile.x());
  }

  public long count() {
    return Math.multiplyExact(ceil(n, tile.n()), Math.multiplyExact(down(), across()));
  }

  public Box box(long ordinal) {
    if (ordinal < 0 || ordinal >= count()) {
      throw new IndexOutOfBoundsException("No box %d in a grid of %d".formatted(ordinal, count()));
    }
    long column = ordinal % across();
    long row = ordinal / across() % down();
    long image = ordinal / across() / down();
    return new Box(
        image * tile.n(),
        Math.min(n, (image + 1) * tile.n()),
        row * tile.y(),
        Math.min(y, (row + 1) * tile.y()),
        column * tile.x(),
        Math.min(x, (column + 1) * tile.x()));
  }

  /**
   * Returns the ordinals of the boxes that intersect {@code box}, in ascending order. {@code box}
   * must lie within the array.
   */
  public LongStream ordinals(Box box) {
    return LongStream.rangeClosed(box.n0() / tile.n(), (box.n1() - 1) / tile.n())
        .flatMap(
            image ->
                LongStream.rangeClosed(box.y0() / tile.y(), (box.y1() - 1) / tile.y())
                    .flatMap(
                        row ->
                            LongStream.rangeClosed(box.x0() / tile.x(), (box.x1() - 1) / tile.x())
                                .map(column -> (image * down() + row) * across() + column)));
  }

  /** Returns {@code a / b} rounded up; both must be positive. */
  public static long ceil(long a, long b) {
    return (a - 1) / b + 1;
  }
}
