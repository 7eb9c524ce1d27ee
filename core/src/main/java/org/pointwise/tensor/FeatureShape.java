package org.pointwise.tensor;

/**
 * The shape of a feature array: images × rows × columns × channels, independent of the order in
 * which they are stored.
 */
public record FeatureShape(long n, long y, long x, int c) {
  public FeatureShape {
    if (n < 1 || y < 1 || x < 1 || c < 1) {
      throw new IllegalArgumentException(
          "Cannot describe an empty tensor: n=%d y=%d x=%d c=%d".formatted(n, y, x, c));
    }
  }

  public long pixels() {
    return Math.multiplyExact(n, Math.multiplyExact(y, x));
  }

  public FeatureShape withChannels(int channels) {
    return new FeatureShape(n, y, x, channels);
  }

  /** Returns the box of all pixels. */
  public Box box() {
    return new Box(0, n, 0, y, 0, x);
  }

  /** Returns the numbers of images, rows and columns as 32-bit integers. */
  public Extent extent() {
    return new Extent(Math.toIntExact(n), Math.toIntExact(y), Math.toIntExact(x));
  }

  public long length(Axis axis) {
    return switch (axis) {
      case N -> n;
      case Y -> y;
      case X -> x;
      case C -> c;
    };
  }
}
