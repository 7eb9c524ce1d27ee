package org.pointwise.spark.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;
import org.apache.spark.sql.sources.Not;
import org.apache.spark.sql.sources.Or;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.FeatureShape;

/**
 * Translates filters on the indexes and coordinates of one axis to the indexes that they keep.
 *
 * <p>A comparison with null counts as false. A filter that is true whatever its unknown parts are
 * is then true as well: no index is lost, but a negation may keep one whose coordinate is null.
 */
record FilterRanges(FeatureShape shape, List<CoordinateColumn> coordinates) {

  /**
   * The indexes that a filter keeps.
   *
   * @param exact whether the filter keeps none of the others and all of these
   */
  record Kept(Axis axis, Ranges indexes, boolean exact) {
    private Kept not() {
      return new Kept(axis, indexes.not(), exact);
    }
  }

  /** Returns the indexes that a filter keeps; null if it has another form or several axes. */
  @Nullable Kept of(Filter filter) {
    if (filter instanceof And and) {
      return both(of(and.left()), of(and.right()), Ranges::and);
    }
    if (filter instanceof Or or) {
      return both(of(or.left()), of(or.right()), Ranges::or);
    }
    if (filter instanceof Not not) {
      Kept kept = of(not.child());
      return kept == null ? null : kept.not();
    }
    if (filter instanceof EqualTo equal) {
      return compared(equal.attribute(), equal.value(), order -> order == 0);
    }
    if (filter instanceof LessThan less) {
      return compared(less.attribute(), less.value(), order -> order < 0);
    }
    if (filter instanceof LessThanOrEqual less) {
      return compared(less.attribute(), less.value(), order -> order <= 0);
    }
    if (filter instanceof GreaterThan more) {
      return compared(more.attribute(), more.value(), order -> order > 0);
    }
    if (filter instanceof GreaterThanOrEqual more) {
      return compared(more.attribute(), more.value(), order -> order >= 0);
    }
    if (filter instanceof In in) {
      return anyOf(in.attribute(), in.values());
    }
    if (filter instanceof IsNotNull present) {
      Axis axis = index(present.attribute());
      CoordinateColumn column = coordinate(present.attribute());
      return axis != null
          ? new Kept(axis, Ranges.all(shape.length(axis)), true)
          : column == null ? null : new Kept(column.axis(), column.where(i -> true), false);
    }
    return null;
  }

  /**
   * Returns the indexes of values in some order to another value.
   *
   * @param keeps whether a value is kept that is less (−1), equal (0) or greater (1)
   */
  private @Nullable Kept compared(String column, @Nullable Object value, IntPredicate keeps) {
    Axis axis = index(column);
    if (axis != null && value instanceof Long number) {
      long length = shape.length(axis);
      long at = Math.max(-1, Math.min(length, number));
      Ranges.Builder kept = new Ranges.Builder(length);
      add(kept, keeps.test(-1), 0, Math.min(at, length));
      add(kept, keeps.test(0), at, Math.min(at + 1, length));
      add(kept, keeps.test(1), at + 1, length);
      return new Kept(axis, kept.build(), true);
    }
    CoordinateColumn coordinate = coordinate(column);
    CoordinateColumn.Order order =
        coordinate == null || value == null ? null : coordinate.order(value);
    return coordinate == null || order == null
        ? null
        : new Kept(
            coordinate.axis(),
            coordinate.where(i -> keeps.test(Integer.signum(order.compare(i)))),
            false);
  }

  /** Returns the indexes whose value is one of some; null if one of these has another type. */
  private @Nullable Kept anyOf(String column, Object[] values) {
    Axis axis = index(column);
    if (axis != null) {
      long[] indexes = new long[values.length];
      for (int i = 0; i < indexes.length; i++) {
        if (!(values[i] instanceof Long number)) {
          return null;
        }
        indexes[i] = number;
      }
      return new Kept(axis, Ranges.ofIndexes(indexes, shape.length(axis)), true);
    }
    CoordinateColumn coordinate = coordinate(column);
    if (coordinate == null) {
      return null;
    }
    Set<Object> keys = new HashSet<>();
    for (Object value : values) {
      Object key = value == null ? null : coordinate.key(value);
      if (key == null) {
        return null;
      }
      keys.add(key);
    }
    return new Kept(
        coordinate.axis(), coordinate.where(i -> keys.contains(coordinate.key(i))), false);
  }

  private static void add(Ranges.Builder ranges, boolean kept, long begin, long end) {
    if (kept) {
      ranges.add(Math.max(0, begin), end);
    }
  }

  private static @Nullable Axis index(String column) {
    return switch (column) {
      case "n" -> Axis.N;
      case "y" -> Axis.Y;
      case "x" -> Axis.X;
      default -> null;
    };
  }

  private @Nullable CoordinateColumn coordinate(String column) {
    return coordinates.stream()
        .filter(coordinate -> coordinate.name().equals(column))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Kept both(
      @Nullable Kept one, @Nullable Kept other, BinaryOperator<Ranges> join) {
    return one == null || other == null || one.axis() != other.axis()
        ? null
        : new Kept(
            one.axis(), join.apply(one.indexes(), other.indexes()), one.exact() && other.exact());
  }
}
