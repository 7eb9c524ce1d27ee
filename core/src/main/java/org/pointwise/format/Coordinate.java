package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.tensor.ElementType;

/**
 * One value for each position along a dimension.
 *
 * @param name of the dimension
 * @param values little-endian, one behind another
 */
public record Coordinate(String name, ElementType type, byte[] values, ObjectNode attributes) {
  /** Positions that have a value. */
  public long length() {
    return values.length / type.bytes();
  }
}
