package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.IndexList;

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

  /** Returns the coordinate of some of the positions. */
  Coordinate part(IndexList positions) {
    int size = type.bytes();
    byte[] part = new byte[Math.toIntExact(positions.count() * size)];
    for (int i = 0; i < positions.count(); i++) {
      System.arraycopy(values, Math.toIntExact(positions.at(i) * size), part, i * size, size);
    }
    return new Coordinate(name, type, part, attributes);
  }
}
