package org.pointwise.format;

import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.FeatureShape;

/** An array of an output, as its metadata describes it. */
public interface StoredArray {
  FeatureShape shape();

  ElementType type();

  /** Returns the extents of chunks and objects. */
  StoredLayout layout();

  /**
   * Returns a checker of the array's objects.
   *
   * @param images the number of images that the array is to hold; more than its metadata records
   *     while the array grows
   */
  ObjectChecker check(long images);
}
