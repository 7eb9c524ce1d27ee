package org.pointwise.tensor;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * A regular grid of boxes over a feature array, numbered in row-major order. The boxes are disjoint
 * and cover the array. The boxes at the edges may be smaller.
 *
 * @param offset the position of the array's first pixel within the first box; each component is
 *     less than the length of a box
 */
public record Grid(long n, long y, long x, Extent tile, Offset offset) {

  /** Returns the grid whose first box begins at the array's first pixel. */
  public static Grid over(FeatureShape shape, Extent tile) {
    return new Grid(shape.n(), shape.y(), shape.x(), tile, Offset.NONE);
  }

  public long down() {
    return ceil(y + offset.y(), tile.y());
  }

  public long across() {
    return ceil(x + offset.x(), tile.x());
  }

  public long count() {
    return Math.multiplyExact(ceil(n + offset.n(), tile.n()), Math.multiplyExact(down(), across()));
  }

  public Box box(long ordinal) {
    if (ordinal < 0 || ordinal >= count()) {
      throw new IndexOutOfBoundsException("No box %d in a grid of %d".formatted(ordinal, count()));
    }
    long column = ordinal % across();
    long row = ordinal / across() % down();
    long image = ordinal / across() / down();
    long n0 = image * tile.n() - offset.n();
    long y0 = row * tile.y() - offset.y();
    long x0 = column * tile.x() - offset.x();
    return new Box(
        Math.max(0, n0),
        Math.min(n, n0 + tile.n()),
        Math.max(0, y0),
        Math.min(y, y0 + tile.y()),
        Math.max(0, x0),
        Math.min(x, x0 + tile.x()));
  }

  /**
   * Returns the ordinals of the boxes that intersect {@code box}, in ascending order. {@code box}
   * must lie within the array.
   */
  public LongStream ordinals(Box box) {
    return range(box.n0() + offset.n(), box.n1() + offset.n(), tile.n())
        .flatMap(
            image ->
                range(box.y0() + offset.y(), box.y1() + offset.y(), tile.y())
                    .flatMap(
                        row ->
                            range(box.x0() + offset.x(), box.x1() + offset.x(), tile.x())
                                .map(column -> (image * down() + row) * across() + column)));
  }

  private static LongStream range(long first, long end, int length) {
    return LongStream.rangeClosed(first / length, (end - 1) / length);
  }

  /**
   * Passes the part of {@code box} in each box of this grid to {@code use}, in row-major order.
   * {@code box} must lie within the array.
   */
  public void split(Box box, Consumer<Box> use) {
    ordinals(box)
        .forEach(ordinal -> use.accept(Objects.requireNonNull(box.intersection(box(ordinal)))));
  }

  /** Returns {@code a / b} rounded up; both must be positive. */
  public static long ceil(long a, long b) {
    return (a - 1) / b + 1;
  }
}
