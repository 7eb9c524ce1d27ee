package org.pointwise.format;

/** How the description of an array follows from those of other arrays. */
public sealed interface ArrayView {
  /** A part of an array. */
  record Part(ArrayInfo whole, Subset subset) implements ArrayView {}

  /**
   * An array of which a mask hides pixels.
   *
   * @param unmasked the same array without the mask
   * @param mask one number for each pixel; 0 hides it
   */
  record Masked(ArrayInfo unmasked, ArrayInfo mask) implements ArrayView {}
}
