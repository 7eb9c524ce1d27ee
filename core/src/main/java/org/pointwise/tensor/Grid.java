package org.pointwise.tensor;

/**
 * A regular grid of boxes over a feature array, numbered row-major. The boxes are disjoint and
 * cover the array; those at the far edges are short.
 */
public record Grid(long n, long y, long x, Extent cell) {

  public static Grid over(FeatureShape shape, Extent cell) {
    return new Grid(shape.n(), shape.y(), shape.x(), cell);
  }

  public long down() {
    return ceil(y, cell.y());
  }

  public long across() {
    return ceil(x, cell.x());
  }

  public long count() {
    return Math.multiplyExact(ceil(n, cell.n()), Math.multiplyExact(down(), across()));
  }

  public Box box(long ordinal) {
    if (ordinal < 0 || ordinal >= count()) {
      throw new IndexOutOfBoundsException("No box %d in a grid of %d".formatted(ordinal, count()));
    }
    long column = ordinal % across();
    long row = ordinal / across() % down();
    long image = ordinal / across() / down();
    return new Box(
        image * cell.n(),
        Math.min(n, (image + 1) * cell.n()),
        row * cell.y(),
        Math.min(y, (row + 1) * cell.y()),
        column * cell.x(),
        Math.min(x, (column + 1) * cell.x()));
  }

  /** {@code a / b}, rounded up; both positive. */
  public static long ceil(long a, long b) {
    return (a - 1) / b + 1;
  }
}
