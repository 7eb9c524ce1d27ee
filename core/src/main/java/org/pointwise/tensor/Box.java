package org.pointwise.tensor;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A box of pixels: half-open ranges of images, rows and columns. */
public record Box(long n0, long n1, long y0, long y1, long x0, long x1) {
  public Box {
    if (n0 < 0 || y0 < 0 || x0 < 0 || n1 <= n0 || y1 <= y0 || x1 <= x0) {
      throw new IllegalArgumentException(
          "Cannot make a box of n %d..%d y %d..%d x %d..%d".formatted(n0, n1, y0, y1, x0, x1));
    }
  }

  public int n() {
    return Math.toIntExact(n1 - n0);
  }

  public int y() {
    return Math.toIntExact(y1 - y0);
  }

  public int x() {
    return Math.toIntExact(x1 - x0);
  }

  public long pixels() {
    return Math.multiplyExact(Math.multiplyExact(n1 - n0, y1 - y0), x1 - x0);
  }

  /** Returns the pixels common to both boxes; null if there are none. */
  public @Nullable Box intersection(Box other) {
    long fromN = Math.max(n0, other.n0);
    long toN = Math.min(n1, other.n1);
    long fromY = Math.max(y0, other.y0);
    long toY = Math.min(y1, other.y1);
    long fromX = Math.max(x0, other.x0);
    long toX = Math.min(x1, other.x1);
    return fromN < toN && fromY < toY && fromX < toX
        ? new Box(fromN, toN, fromY, toY, fromX, toX)
        : null;
  }

  /** Returns the smallest box that contains all of {@code boxes}, which must not be empty. */
  public static Box boundingBox(List<Box> boxes) {
    Box first = boxes.get(0);
    long fromN = first.n0;
    long toN = first.n1;
    long fromY = first.y0;
    long toY = first.y1;
    long fromX = first.x0;
    long toX = first.x1;
    for (Box box : boxes) {
      fromN = Math.min(fromN, box.n0);
      toN = Math.max(toN, box.n1);
      fromY = Math.min(fromY, box.y0);
      toY = Math.max(toY, box.y1);
      fromX = Math.min(fromX, box.x0);
      toX = Math.max(toX, box.x1);
    }
    return new Box(fromN, toN, fromY, toY, fromX, toX);
  }

  /**
   * Splits this box into boxes of at most {@code step} pixels per side and passes them to {@code
   * use}, in row-major order.
   */
  public void split(Extent step, Consumer<Box> use) {
    for (long n = n0; n < n1; n += step.n()) {
      for (long y = y0; y < y1; y += step.y()) {
        for (long x = x0; x < x1; x += step.x()) {
          use.accept(
              new Box(
                  n,
                  Math.min(n + step.n(), n1),
                  y,
                  Math.min(y + step.y(), y1),
                  x,
                  Math.min(x + step.x(), x1)));
        }
      }
    }
  }

  @Override
  public String toString() {
    return "n %d..%d y %d..%d x %d..%d".formatted(n0, n1, y0, y1, x0, x1);
  }
}
