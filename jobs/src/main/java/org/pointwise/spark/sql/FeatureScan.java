package org.pointwise.spark.sql;

import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.spark.ArrayWire;
import org.pointwise.spark.DriverSettings;
import org.pointwise.spark.sql.SourceOptions.NodataRows;
import org.pointwise.spark.sql.SourceOptions.RowKind;

/** Reads the chosen columns of the chosen tiles. A partition has a range of whole tiles. */
final class FeatureScan implements Scan, Batch, SupportsReportStatistics {
  /** The decoded features of a partition, unless one tile has more. */
  private static final long PARTITION_BYTES = 128L << 20;

  /** Spark keeps each partition in the driver's memory; beyond it they have more bytes. */
  private static final long MAX_PARTITIONS = 100_000;

  private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE - 64L;

  private final OpenedArray array;
  private final StructType columns;
  private final TileSelection tiles;
  private final int limit;
  private final List<Filter> filters;

  /**
   * @param columns the columns of rows, in their order
   * @param limit the number of rows after which a partition may end
   * @param filters those that selected the tiles, for the description
   */
  FeatureScan(
      OpenedArray array, StructType columns, TileSelection tiles, int limit, List<Filter> filters) {
    this.array = array;
    this.columns = columns;
    this.tiles = tiles;
    this.limit = limit;
    this.filters = filters;
  }

  @Override
  public StructType readSchema() {
    return columns;
  }

  @Override
  public String description() {
    return "pointwise %s, %s, %d of %d tiles, filters %s"
        .formatted(
            array.info().uri(),
            reads() ? "chunks are read" : "no chunk is read",
            tiles.count(),
            array.info().grid().count(),
            filters);
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  /** Returns the number of rows, including nodata, and the bytes of their columns. */
  @Override
  public Statistics estimateStatistics() {
    long pixels = tiles.pixels(array.info());
    long rows =
        array.options().rows() == RowKind.PIXELS
            ? pixels
            : Math.multiplyExact(
                tiles.n().chosen().count(),
                Math.multiplyExact(tiles.y().tiles().count(), tiles.x().tiles().count()));
    long featureBytes = (long) array.info().shape().c() * Float.BYTES;
    long bytes = 0;
    for (StructField column : columns.fields()) {
      bytes +=
          switch (column.name()) {
            case OpenedArray.FEATURES, OpenedArray.TENSOR ->
                Math.multiplyExact(pixels, featureBytes);
            default -> Math.multiplyExact(rows, (long) column.dataType().defaultSize());
          };
    }
    OptionalLong size = OptionalLong.of(Math.max(1, bytes));
    OptionalLong count = OptionalLong.of(rows);
    return new Statistics() {
      @Override
      public OptionalLong sizeInBytes() {
        return size;
      }

      @Override
      public OptionalLong numRows() {
        return count;
      }
    };
  }

  private boolean needsFeatures() {
    List<String> names = List.of(columns.fieldNames());
    return names.contains(OpenedArray.FEATURES) || names.contains(OpenedArray.TENSOR);
  }

  /** Returns whether features are read: as a column, or to find the pixels that are left out. */
  private boolean reads() {
    return needsFeatures() || (array.options().nodata() == NodataRows.DROP && array.hasNodata());
  }

  @Override
  public InputPartition[] planInputPartitions() {
    long pixelBytes = (long) array.info().shape().c() * Float.BYTES;
    long tileBytes = Math.multiplyExact(tiles.tilePixels(), pixelBytes);
    long count = tiles.count();
    long step =
        Math.max(Math.max(1, PARTITION_BYTES / tileBytes), (count - 1) / MAX_PARTITIONS + 1);
    InputPartition[] partitions = new InputPartition[Math.toIntExact((count + step - 1) / step)];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new TilePartition(i * step, Math.min(count, (i + 1) * step));
    }
    return partitions;
  }

  /**
   * The tiles of a partition.
   *
   * @param first its first tile
   * @param end the end of its tiles
   */
  record TilePartition(long first, long end) implements InputPartition {}

  @Override
  public PartitionReaderFactory createReaderFactory() {
    ArrayInfo info = array.info();
    List<String> names = List.of(columns.fieldNames());
    if (array.options().rows() == RowKind.TILES && names.contains(OpenedArray.TENSOR)) {
      requireTensorsFit(info);
    }
    return new ScanReaders(
        ArrayWire.encode(info),
        names.contains(OpenedArray.LABEL) ? array.encodedLabels() : new byte[0],
        array.options().ignoredLabel(),
        array.options().rows(),
        array.options().nodata(),
        reads(),
        columns,
        array.coordinates().stream().filter(c -> names.contains(c.name())).toList(),
        tiles,
        limit,
        DriverSettings.ofStores());
  }

  private void requireTensorsFit(ArrayInfo info) {
    long bytes =
        Math.multiplyExact(
            tiles.y().longest() * tiles.x().longest(), (long) info.shape().c() * Float.BYTES);
    if (bytes > MAX_TENSOR_BYTES) {
      throw new InvalidInputException(
          "Cannot read the tiles of %s as rows: one has %d bytes as float32 but a value of Spark at most %d; use rows pixels"
              .formatted(info.uri(), bytes, MAX_TENSOR_BYTES));
    }
  }

  /** Returns whether both read the same, so that Spark may read once. */
  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof FeatureScan other
        && array.equals(other.array)
        && columns.equals(other.columns)
        && tiles.equals(other.tiles)
        && limit == other.limit
        && filters.equals(other.filters);
  }

  @Override
  public int hashCode() {
    return Objects.hash(array, columns, tiles, limit, filters);
  }
}
