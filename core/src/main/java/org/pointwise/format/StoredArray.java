package org.pointwise.format;

import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/** An array of an output, as its metadata describes it. */
public interface StoredArray {
  FeatureShape shape();

  ElementType type();

  /** Pixels of a chunk. */
  Extent chunk();

  /** Pixels of an object. */
  Extent object();

  /**
   * Looks at its objects.
   *
   * @param images that it is to hold: more than its metadata says while it grows
   */
  ObjectChecker check(long images);
}
