package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.IndexList;

/**
 * Values beside a feature array that share dimensions with it: a coordinate, or an array to which
 * attributes refer, such as a grid mapping.
 *
 * @param dimensions the names of its dimensions, slowest first; empty for a single value
 * @param lengths the lengths of its dimensions
 * @param values the values, little-endian and row-major
 * @param attributes the attributes; {@code _FillValue} is a number or one of the words for NaN and
 *     the infinities
 */
public record Coordinate(
    String name,
    List<String> dimensions,
    List<Long> lengths,
    ElementType type,
    byte[] values,
    ObjectNode attributes) {

  /** Returns the same values with other attributes. */
  Coordinate with(ObjectNode otherAttributes) {
    return new Coordinate(name, dimensions, lengths, type, values, otherAttributes);
  }

  /** Returns other values with the same attributes. */
  Coordinate withValues(byte[] otherValues) {
    return new Coordinate(name, dimensions, lengths, type, otherValues, attributes);
  }

  /** Returns the first values along a dimension that this has. */
  public Coordinate first(long count, String along) {
    return part(along, IndexList.range(0, count));
  }

  /** Returns these values, followed along a dimension by those of a coordinate of the same kind. */
  Coordinate followedBy(Coordinate next, String along) {
    int dimension = dimensions.indexOf(along);
    long outer = lengths.subList(0, dimension).stream().reduce(1L, Math::multiplyExact);
    int own = Math.toIntExact(values.length / outer);
    int more = Math.toIntExact(next.values.length / outer);
    byte[] all = new byte[Math.addExact(values.length, next.values.length)];
    for (int o = 0; o < outer; o++) {
      System.arraycopy(values, o * own, all, o * (own + more), own);
      System.arraycopy(next.values, o * more, all, o * (own + more) + own, more);
    }
    List<Long> sums = new ArrayList<>(lengths);
    sums.set(dimension, lengths.get(dimension) + next.lengths.get(dimension));
    return new Coordinate(name, dimensions, List.copyOf(sums), type, all, attributes);
  }

  /** Returns the values at some positions along a dimension; this if it lacks the dimension. */
  Coordinate part(String along, @Nullable IndexList positions) {
    int dimension = dimensions.indexOf(along);
    if (dimension < 0 || positions == null || positions.isAll(lengths.get(dimension))) {
      return this;
    }
    int inner = type.bytes();
    for (long length : lengths.subList(dimension + 1, lengths.size())) {
      inner = Math.toIntExact(inner * length);
    }
    int count = Math.toIntExact(positions.count());
    int line = Math.toIntExact(inner * lengths.get(dimension));
    int outer = values.length / line;
    byte[] part = new byte[Math.multiplyExact(outer, Math.multiplyExact(inner, count))];
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < count; i++) {
        int from = o * line + Math.toIntExact(positions.at(i)) * inner;
        System.arraycopy(values, from, part, (o * count + i) * inner, inner);
      }
    }
    List<Long> partLengths = new ArrayList<>(lengths);
    partLengths.set(dimension, positions.count());
    return new Coordinate(name, dimensions, List.copyOf(partLengths), type, part, attributes);
  }
}
