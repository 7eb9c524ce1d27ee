package org.pointwise.tensor;

import java.util.Arrays;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;

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

  /**
   * Returns the shape of an array whose dimensions are {@code axes}.
   *
   * @throws InvalidInputException if the axes do not fit the dimensions, a dimension is empty, or
   *     the shape exceeds the supported sizes
   */
  public static FeatureShape of(String uri, long[] dimensions, Axes axes) {
    if (axes.rank() != dimensions.length) {
      throw new InvalidInputException(
          "Cannot read %s: it has %s %s but the axes %s name %d; give one axis each with --axes"
              .formatted(
                  uri,
                  Count.of(dimensions.length, "dimension"),
                  Arrays.toString(dimensions),
                  axes,
                  axes.rank()));
    }
    for (long length : dimensions) {
      if (length < 1) {
        throw new InvalidInputException(
            "Cannot read %s: its shape %s has no elements"
                .formatted(uri, Arrays.toString(dimensions)));
      }
    }
    long channels = axes.length(Axis.C, dimensions);
    if (channels > 1 << 20) {
      throw new InvalidInputException(
          "Cannot read %s: %d channels on dimension %d; at most 1048576 are supported, check --axes"
              .formatted(uri, channels, axes.indexOf(Axis.C)));
    }
    try {
      FeatureShape shape =
          new FeatureShape(
              axes.length(Axis.N, dimensions),
              axes.length(Axis.Y, dimensions),
              axes.length(Axis.X, dimensions),
              (int) channels);
      Math.multiplyExact(shape.pixels(), 8 * channels);
      return shape;
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          "Cannot read %s: its shape %s overflows 64 bits"
              .formatted(uri, Arrays.toString(dimensions)),
          e);
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
