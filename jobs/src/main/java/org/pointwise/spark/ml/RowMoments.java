package org.pointwise.spark.ml;

import java.util.Collections;
import java.util.Iterator;
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
import org.pointwise.learn.PooledClasses;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes moments of the rows of a DataFrame in one pass. Partitions are added in a fixed tree
 * over their numbers, so that the result depends on how rows are divided into partitions, but not
 * on the order in which tasks end. The moments of one partition without labels are bit-identical to
 * those of an array {@code x,c} with the same pixels.
 */
public final class RowMoments {
  private static final int MAX_CHANNELS = 1 << 14;

  /** The moments of a task are one array of bytes. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - (1 << 20);

  private RowMoments() {}

  /**
   * Computes the moments of a column. Rows with null count as nodata, and rows with a number that
   * is not finite, or beyond the range of float32, are left out and counted. With labels, rows
   * without one are not used, and the moments are those of {@link PooledClasses}.
   *
   * @param input the column with features
   * @param label the column with labels, by which moments are grouped; null for none
   * @param binary the type of the numbers in a column of bytes
   * @throws InvalidInputException if the rows have no features, different numbers of channels, or
   *     too many
   */
  public static FeatureMoments of(
      Dataset<?> data, String input, @Nullable String label, ElementType binary) {
    FeatureColumn column = FeatureColumn.of(data.schema(), input, binary);
    try {
      Labels labels = label == null ? null : Labels.of(data, label);
      Column features = Columns.find(data.schema(), input).column();
      Column[] columns =
          label == null
              ? new Column[] {features}
              : new Column[] {features, Columns.find(data.schema(), label).column()};
      JavaRDD<InternalRow> rows =
          SparkExpressions.execution(data.select(columns)).toRdd().toJavaRDD();
      long limit = resultBytes(data);
      JavaRDD<byte[]> parts =
          rows.mapPartitionsWithIndex(
              (part, values) ->
                  Collections.singleton(partition(column, labels, limit, part, values)).iterator(),
              false);
      FeatureMoments total = RowMerge.total(column, parts, limit);
      return labels == null ? total : PooledClasses.of(total);
    } catch (Exception e) { // Scala throws undeclared checked exceptions
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PointwiseException known) { // thrown in a task
          throw known;
        }
      }
      throw e;
    }
  }

  /** Returns the bytes that a task may return to the driver. */
  private static long resultBytes(Dataset<?> data) {
    long limit =
        data.sparkSession()
            .sparkContext()
            .getConf()
            .getSizeAsBytes("spark.driver.maxResultSize", "1g");
    return limit <= 0 ? MAX_BYTES : Math.min(limit, MAX_BYTES);
  }

  private static byte[] partition(
      FeatureColumn column,
      @Nullable Labels labels,
      long limit,
      int part,
      Iterator<InternalRow> rows) {
    RowTiles tiles = null;
    long nulls = 0;
    int classes = labels == null ? 0 : labels.classes();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      int label = labels == null ? 0 : labels.read(row, 1);
      if (label == Labels.NONE) {
        continue;
      }
      if (row.isNullAt(0)) {
        nulls++;
        continue;
      }
      Object value = column.type().get(row, 0);
      int channels = column.channels(value);
      if (tiles == null) {
        requireChannels(column, channels, classes, limit);
        tiles = new RowTiles(column.type(), channels, classes);
      }
      column.requireSame(tiles.channels(), channels);
      tiles.add(value, label);
    }
    MomentsTree tree = new MomentsTree();
    if (tiles != null) {
      tree.add(part, tiles.total());
    }
    return RowMerge.encode(tiles == null ? 0 : tiles.channels(), nulls, tree);
  }

  private static void requireChannels(FeatureColumn column, int channels, int classes, long limit) {
    if (channels == 0 || channels > MAX_CHANNELS) {
      throw new InvalidInputException(
          "Cannot learn from column %s: a value has %d channels but 1 … %d are possible; correct the table"
              .formatted(column.name(), channels, MAX_CHANNELS));
    }
    long bytes = Double.BYTES * (UpperTriangle.length(channels) + (5L + classes) * channels);
    if (bytes > limit) {
      throw new InvalidInputException(
          "Cannot learn from column %s: the moments of %s%s have %d MiB but a task of this Spark returns at most %d MiB; use fewer, or raise spark.driver.maxResultSize (at most 2047m are used)"
              .formatted(
                  column.name(),
                  Count.of(channels, "channel"),
                  classes == 0 ? "" : " and " + Count.of(classes, "class", "classes"),
                  mebibytes(bytes),
                  limit >> 20));
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
