package org.pointwise.tensor;

/** The size of a regular box of pixels: images, rows, columns. */
public record Extent(int n, int y, int x) {
  public Extent {
    if (n < 1 || y < 1 || x < 1) {
      throw new IllegalArgumentException("Cannot use an empty box: %d,%d,%d".formatted(n, y, x));
    }
  }

  public long pixels() {
    return Math.multiplyExact((long) n, Math.multiplyExact((long) y, x));
  }

  public int length(Axis axis) {
    return switch (axis) {
      case N -> n;
      case Y -> y;
      case X -> x;
      case C -> throw new IllegalArgumentException("An extent has no channels");
    };
  }

  /** Returns this extent with another length along one axis. */
  public Extent withLength(Axis axis, int length) {
    return new Extent(
        axis == Axis.N ? length : n, axis == Axis.Y ? length : y, axis == Axis.X ? length : x);
  }

  @Override
  public String toString() {
    return n + "," + y + "," + x;
  }
}
