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

  /**
   * The images of an array after images that are stored elsewhere and cannot be read.
   *
   * @param past number of images before those of the array
   */
  record Appended(ArrayInfo added, long past) implements ArrayView {}
}
