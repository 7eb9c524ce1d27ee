package org.pointwise.spark.ml;

import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.learn.PooledClasses;
import org.pointwise.tensor.UpperTriangle;

/**
 * Computes moments of the rows of a DataFrame in one pass. Partitions are added in a fixed tree
 * over their numbers, so that the result depends on how rows are divided into partitions, but not
 * on the order in which tasks end. The moments of one partition without labels are bit-identical to
 * those of an array {@code x,c} with the same pixels.
 */
public final class RowMoments {
  private static final int MAX_CHANNELS = 1 << 14;

  private RowMoments() {}

  /**
   * Computes the moments of features. Rows with null count as nodata, and rows with a number that
   * is not finite, or beyond the range of float32, are left out and counted. With labels, rows
   * without one are not used, and the moments are those of {@link PooledClasses}.
   *
   * @throws InvalidInputException if the rows have no features, different numbers of channels, or
   *     too many
   */
  public static FeatureMoments of(FeatureRows rows) {
    FeatureColumn column = rows.column();
    Labels labels = rows.labels();
    long limit = rows.resultBytes();
    return FeatureRows.run(
        () -> {
          JavaRDD<byte[]> parts =
              rows.rows()
                  .mapPartitionsWithIndex(
                      (part, values) ->
                          Collections.singleton(partition(column, labels, limit, part, values))
                              .iterator(),
                      false);
          FeatureMoments total = RowMerge.total(column, parts, limit);
          return labels == null ? total : PooledClasses.of(total);
        });
  }

  private static byte[] partition(
      FeatureColumn column,
      @Nullable Labels labels,
      long limit,
      int part,
      Iterator<InternalRow> values) {
    UsableRows rows = new UsableRows(column, labels, 0, values);
    RowTiles tiles = null;
    int classes = labels == null ? 0 : labels.classes();
    while (rows.next()) {
      if (tiles == null) {
        requireChannels(column, rows.channels(), classes, limit);
        tiles = new RowTiles(column.type(), rows.channels(), classes);
      }
      tiles.add(rows.value(), rows.label());
    }
    MomentsTree tree = new MomentsTree();
    if (tiles != null) {
      tree.add(part, tiles.total());
    }
    return RowMerge.encode(rows.channels(), rows.nulls(), tree);
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
