package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.tensor.ElementType;

/**
 * A coordinate: one value for each position along a dimension.
 *
 * @param name the name of the dimension
 * @param values the values, little-endian and contiguous
 */
public record Coordinate(String name, ElementType type, byte[] values, ObjectNode attributes) {
  /** Returns the number of positions that have a value. */
  public long length() {
    return values.length / type.bytes();
  }
}
