package org.pointwise.spark.ml;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.errors.PointwiseException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.spark.MomentsWire;
import org.pointwise.tensor.ElementType;
import scala.Tuple2;

/**
 * Computes moments of the rows of a DataFrame in one pass. Partitions are added in a fixed tree
 * over their numbers, so that the result depends on how rows are divided into partitions, but not
 * on the order in which tasks end. The moments of one partition are bit-identical to those of an
 * array {@code x,c} with the same pixels.
 */
public final class RowMoments {
  /** The number of partitions whose moments the driver adds itself. */
  private static final int DRIVER_PARTS = 32;

  private static final int HEADER_BYTES = Integer.BYTES + Long.BYTES;

  private RowMoments() {}

  /**
   * Computes the moments of a column. Rows with null count as nodata, and rows with a number that
   * is not finite are left out and counted.
   *
   * @param input the column with features
   * @param label the column with labels, by which moments are grouped; null for none
   * @param binary the type of the numbers in a column of bytes
   * @throws InvalidInputException if the rows have no features, or different numbers of channels
   */
  public static FeatureMoments of(
      Dataset<?> data, String input, @Nullable String label, ElementType binary) {
    FeatureColumn column = FeatureColumn.of(data.schema(), input, binary);
    try {
      Labels labels = label == null ? null : Labels.of(data, label);
      Column[] columns =
          label == null
              ? new Column[] {Columns.find(data.schema(), input).column()}
              : new Column[] {
                Columns.find(data.schema(), input).column(),
                Columns.find(data.schema(), label).column()
              };
      JavaRDD<InternalRow> rows =
          SparkExpressions.execution(data.select(columns)).toRdd().toJavaRDD();
      JavaRDD<byte[]> parts =
          rows.mapPartitionsWithIndex(
              (part, values) ->
                  Collections.singleton(partition(column, labels, part, values)).iterator(),
              false);
      return total(column, collect(column, parts));
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PointwiseException known) { // thrown in a task
          throw known;
        }
      }
      throw e;
    }
  }

  /** Collects moments; on a large cluster, neighbours are first added on executors. */
  private static List<byte[]> collect(FeatureColumn column, JavaRDD<byte[]> parts) {
    int count = parts.getNumPartitions();
    if (count <= DRIVER_PARTS) {
      return parts.collect();
    }
    int level = (Integer.SIZE - Integer.numberOfLeadingZeros(count)) / 2;
    return parts
        .mapPartitionsWithIndex(
            (part, values) ->
                Collections.singleton(new Tuple2<>(part >> level, values.next())).iterator(),
            false)
        .mapToPair(pair -> pair)
        .groupByKey(Math.max(1, count >> level))
        .values()
        .map(group -> new Merge(column, group).encoded())
        .collect();
  }

  private static byte[] partition(
      FeatureColumn column, @Nullable Labels labels, int part, Iterator<InternalRow> rows) {
    RowTiles tiles = null;
    long nulls = 0;
    int classes = labels == null ? 0 : labels.classes();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      if (row.isNullAt(0)) {
        nulls++;
        continue;
      }
      Object value = column.type().get(row, 0);
      int channels = column.channels(value);
      if (tiles == null) {
        requireChannels(column, channels);
        tiles = new RowTiles(column.type(), channels, classes);
      }
      requireSame(column, tiles.channels(), channels);
      tiles.add(value, labels == null ? 0 : labels.read(row, 1));
    }
    MomentsTree tree = new MomentsTree();
    if (tiles != null) {
      tree.add(part, tiles.total());
    }
    return encode(tiles == null ? 0 : tiles.channels(), nulls, tree);
  }

  private static byte[] encode(int channels, long nulls, MomentsTree tree) {
    byte[] nodes = MomentsWire.encode(tree);
    return ByteBuffer.allocate(HEADER_BYTES + nodes.length)
        .putInt(channels)
        .putLong(nulls)
        .put(nodes)
        .array();
  }

  private static void requireChannels(FeatureColumn column, int channels) {
    if (channels == 0 || channels > 1 << 16) {
      throw new InvalidInputException(
          "Cannot learn from column %s: a value has %d channels but 1 … %d are possible; correct the table"
              .formatted(column.name(), channels, 1 << 16));
    }
  }

  private static void requireSame(FeatureColumn column, int first, int other) {
    if (first != other) {
      throw new InvalidInputException(
          "Cannot learn from column %s: one value has %s and another %d, but all must have the same number; correct the table"
              .formatted(column.name(), Count.of(first, "channel"), other));
    }
  }

  /** The sum of encoded parts. */
  private static final class Merge {
    final FeatureColumn column;
    final MomentsTree tree = new MomentsTree();
    int channels;
    long nulls;

    Merge(FeatureColumn column, Iterable<byte[]> parts) {
      this.column = column;
      parts.forEach(this::add);
    }

    private void add(byte[] part) {
      ByteBuffer bytes = ByteBuffer.wrap(part);
      int found = bytes.getInt();
      nulls += bytes.getLong();
      if (found > 0) {
        channels = channels == 0 ? found : channels;
        requireSame(column, channels, found);
        MomentsWire.add(part, HEADER_BYTES, tree);
      }
    }

    byte[] encoded() {
      return encode(channels, nulls, tree);
    }
  }

  private static FeatureMoments total(FeatureColumn column, List<byte[]> parts) {
    Merge merge = new Merge(column, parts);
    if (merge.channels == 0) {
      throw new InvalidInputException(
          "Cannot learn from column %s: it has no values (%s null); check the table"
              .formatted(column.name(), Count.of(merge.nulls, "row is", "rows are")));
    }
    FeatureMoments total = merge.tree.total(merge.channels);
    total.addLeftOut(merge.nulls, 0);
    return total;
  }
}
