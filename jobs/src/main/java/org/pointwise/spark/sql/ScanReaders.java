package org.pointwise.spark.sql;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.hadoop.Stores;
import org.pointwise.spark.ArrayWire;
import org.pointwise.spark.DriverSettings;
import org.pointwise.spark.sql.FeatureScan.TilePartition;
import org.pointwise.spark.sql.SourceOptions.NodataRows;
import org.pointwise.spark.sql.SourceOptions.RowKind;
import org.pointwise.store.ByteStores;

/**
 * Opens the readers of partitions on executors, as the driver resolved the array.
 *
 * @param array the serialised description of the array
 * @param labels that of the labels; empty if they are not read
 * @param ignoredLabel the label that becomes null; null for none
 * @param reads whether features are read
 * @param columns the columns of rows, in their order
 * @param coordinates the coordinates among them
 * @param tiles the tiles of all partitions
 * @param limit the number of rows after which a partition may end
 * @param settings those with which executors open stores
 */
record ScanReaders(
    byte[] array,
    byte[] labels,
    @Nullable Long ignoredLabel,
    RowKind rows,
    NodataRows nodata,
    boolean reads,
    StructType columns,
    List<CoordinateColumn> coordinates,
    TileSelection tiles,
    int limit,
    DriverSettings settings)
    implements PartitionReaderFactory {

  @Override
  public boolean supportColumnarReads(InputPartition partition) {
    return rows == RowKind.PIXELS;
  }

  @Override
  public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
    return pixels((TilePartition) partition, stores());
  }

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    return tiles((TilePartition) partition, stores());
  }

  private ByteStores stores() {
    settings.apply();
    return Stores.ofOneReader();
  }

  PixelBatches pixels(TilePartition partition, ByteStores stores) {
    return orRelease(
        stores, () -> new PixelBatches(this, boxes(partition, stores), labelReader(stores)));
  }

  TileRows tiles(TilePartition partition, ByteStores stores) {
    return orRelease(stores, () -> new TileRows(this, boxes(partition, stores)));
  }

  /** Releases the stores if a reader cannot be made. Readers hold nothing else before they read. */
  private static <T> T orRelease(ByteStores stores, Supplier<T> reader) {
    boolean made = false;
    try {
      T result = reader.get();
      made = true;
      return result;
    } finally {
      if (!made) {
        stores.release();
      }
    }
  }

  private BoxReader boxes(TilePartition partition, ByteStores stores) {
    ArrayInfo info = ArrayWire.decode(array);
    FeatureSource source = reads ? Formats.reopened(stores, info) : null;
    return new BoxReader(
        info,
        source == null ? null : source.reader(),
        tiles,
        partition,
        limit == Integer.MAX_VALUE,
        stores);
  }

  private @Nullable LabelReader labelReader(ByteStores stores) {
    return labels.length == 0
        ? null
        : new LabelReader(Formats.reopened(stores, ArrayWire.decode(labels)), ignoredLabel);
  }
}
