package org.pointwise.spark.sql;

import java.util.function.BinaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.IsNull;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;
import org.apache.spark.sql.sources.Not;
import org.apache.spark.sql.sources.Or;
import org.jspecify.annotations.Nullable;

/** Translates filters of data sources back to columns. */
final class FilterColumns {
  private FilterColumns() {}

  /** Returns a column that is true where the filter is true; null if it has another form. */
  static @Nullable Column of(Filter filter) {
    if (filter instanceof And and) {
      return both(of(and.left()), of(and.right()), Column::and);
    }
    if (filter instanceof Or or) {
      return both(of(or.left()), of(or.right()), Column::or);
    }
    if (filter instanceof EqualTo equal) {
      return functions.col(equal.attribute()).equalTo(equal.value());
    }
    if (filter instanceof LessThan less) {
      return functions.col(less.attribute()).lt(less.value());
    }
    if (filter instanceof LessThanOrEqual less) {
      return functions.col(less.attribute()).leq(less.value());
    }
    if (filter instanceof GreaterThan more) {
      return functions.col(more.attribute()).gt(more.value());
    }
    if (filter instanceof GreaterThanOrEqual more) {
      return functions.col(more.attribute()).geq(more.value());
    }
    if (filter instanceof Not not) {
      Column child = of(not.child());
      return child == null ? null : functions.not(child);
    }
    if (filter instanceof IsNotNull present) {
      return functions.col(present.attribute()).isNotNull();
    }
    if (filter instanceof IsNull absent) {
      return functions.col(absent.attribute()).isNull();
    }
    return filter instanceof In in ? functions.col(in.attribute()).isin(in.values()) : null;
  }

  private static @Nullable Column both(
      @Nullable Column one, @Nullable Column other, BinaryOperator<Column> join) {
    return one == null || other == null ? null : join.apply(one, other);
  }
}
