package org.pointwise.conv;

/**
 * The cost of a convolution per pixel and in total, with stride one and same padding. The argument
 * for cheap 1×1 reductions is that of Szegedy et al., "Going Deeper with Convolutions", 2015,
 * section 4.
 */
public record Cost(int in, int out, int sizeY, int sizeX) {
  public Cost {
    if (in < 1 || out < 1 || sizeY < 1 || sizeX < 1) {
      throw new IllegalArgumentException("Cannot cost an empty convolution");
    }
  }

  /** Returns the cost of a 1×1 convolution. */
  public static Cost pointwise(int in, int out) {
    return new Cost(in, out, 1, 1);
  }

  public long multiplyAddsPerPixel() {
    return Math.multiplyExact(
        Math.multiplyExact((long) in, out), Math.multiplyExact((long) sizeY, sizeX));
  }

  /** Returns the number of weights and biases. */
  public long parameters() {
    return multiplyAddsPerPixel() + out;
  }
}
