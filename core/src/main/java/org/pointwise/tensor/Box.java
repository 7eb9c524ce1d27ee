package org.pointwise.tensor;

import java.util.function.Consumer;

/** A box of pixels: half-open runs of images, rows and columns. */
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

  /** The boxes of at most {@code step} pixels a side that fill this one, in row-major order. */
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
