package org.pointwise.spark.sql;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownFilters;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import org.pointwise.format.ArrayInfo;
import org.pointwise.spark.sql.SourceOptions.RowKind;
import org.pointwise.tensor.Axis;

/**
 * Collects what a query needs of a table. Filters on one axis select the tiles to read. Spark
 * evaluates all filters again but those on indexes, which are exact.
 */
final class FeatureScanBuilder
    implements SupportsPushDownFilters, SupportsPushDownLimit, SupportsPushDownRequiredColumns {
  private final OpenedArray array;
  private final Map<Axis, Ranges> kept = new EnumMap<>(Axis.class);
  private Filter[] pushed = new Filter[0];
  private StructType columns;
  private int limit = Integer.MAX_VALUE;

  FeatureScanBuilder(OpenedArray array, StructType columns) {
    this.array = array;
    this.columns = columns;
    for (Axis axis : List.of(Axis.N, Axis.Y, Axis.X)) {
      kept.put(axis, Ranges.all(array.info().shape().length(axis)));
    }
  }

  @Override
  public Filter[] pushFilters(Filter[] filters) {
    FilterRanges translated = new FilterRanges(array.info().shape(), array.coordinates());
    List<Filter> understood = new ArrayList<>();
    List<Filter> remaining = new ArrayList<>();
    for (Filter filter : filters) {
      FilterRanges.Kept indexes = translated.of(filter);
      if (indexes != null) {
        kept.merge(indexes.axis(), indexes.indexes(), Ranges::and);
        understood.add(filter);
      }
      if (indexes == null || !indexes.exact()) {
        remaining.add(filter);
      }
    }
    pushed = understood.toArray(Filter[]::new);
    return remaining.toArray(Filter[]::new);
  }

  @Override
  public Filter[] pushedFilters() {
    return pushed;
  }

  @Override
  public boolean pushLimit(int rows) {
    limit = rows;
    return true;
  }

  @Override
  public void pruneColumns(StructType required) {
    columns = required;
  }

  @Override
  public Scan build() {
    ArrayInfo info = array.info();
    TileSelection tiles =
        new TileSelection(
            AxisTiles.ofIndexes(info.shape().n(), info.tile().n(), info.offset().n(), kept(Axis.N)),
            tiles(Axis.Y, info.offset().y()),
            tiles(Axis.X, info.offset().x()));
    return new FeatureScan(array, columns, tiles, limit, List.of(pushed));
  }

  private AxisTiles tiles(Axis axis, int offset) {
    long length = array.info().shape().length(axis);
    int tile = array.info().tile().length(axis);
    return array.options().rows() == RowKind.TILES
        ? AxisTiles.ofFirstIndexes(length, tile, offset, kept(axis))
        : AxisTiles.ofIndexes(length, tile, offset, kept(axis));
  }

  private Ranges kept(Axis axis) {
    return kept.getOrDefault(axis, Ranges.all(array.info().shape().length(axis)));
  }
}
