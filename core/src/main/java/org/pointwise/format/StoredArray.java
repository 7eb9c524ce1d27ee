package org.pointwise.format;

import java.io.IOException;
import java.util.Map;
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
   * All of its metadata by which readers find and decode its objects, by name: no attributes. Equal
   * where an array is read alike, whoever wrote the metadata anew.
   *
   * @throws org.pointwise.errors.InvalidInputException where metadata that stands for it elsewhere
   *     cannot be read
   */
  Map<String, String> describe() throws IOException;

  /**
   * Looks at its objects.
   *
   * @param images that it is to hold: more than its metadata says while it grows
   */
  ObjectChecker check(long images);
}
