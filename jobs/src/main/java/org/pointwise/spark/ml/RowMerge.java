package org.pointwise.spark.ml;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.MomentsTree;
import org.pointwise.spark.MomentsWire;
import scala.Tuple2;

/**
 * The sum of the encoded moments of partitions. If there are few bytes, the driver adds them;
 * otherwise executors add neighbours until one remains. Confined to one thread.
 */
final class RowMerge {
  private static final long DRIVER_BYTES = 64L << 20;

  /** The number of neighbours that a task adds; it may hold the moments of all of them. */
  private static final int NEIGHBOURS = 4;

  private static final int HEADER_BYTES = Integer.BYTES + Long.BYTES;

  private final FeatureColumn column;
  private final MomentsTree tree = new MomentsTree();
  private int channels;
  private long nulls;

  private RowMerge(FeatureColumn column, Iterator<byte[]> parts) {
    this.column = column;
    parts.forEachRemaining(this::add);
  }

  /** Returns the moments of a partition, whose leaf is its number, as bytes. */
  static byte[] encode(int channels, long nulls, MomentsTree tree) {
    byte[] nodes = MomentsWire.encode(tree);
    return ByteBuffer.allocate(HEADER_BYTES + nodes.length)
        .putInt(channels)
        .putLong(nulls)
        .put(nodes)
        .array();
  }

  /**
   * Adds the moments of all partitions.
   *
   * @param parts one for each partition, in their order
   * @param limit the bytes that Spark's driver takes
   * @throws InvalidInputException if there are no values
   */
  static FeatureMoments total(FeatureColumn column, JavaRDD<byte[]> parts, long limit) {
    if (parts.getNumPartitions() == 1) {
      return new RowMerge(column, parts.collect().iterator()).total();
    }
    JavaRDD<byte[]> kept = parts.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long bytes = 0;
      for (int length : kept.map(part -> part.length).collect()) {
        bytes += length;
      }
      JavaRDD<byte[]> few = bytes > Math.min(DRIVER_BYTES, limit / 2) ? one(column, kept) : kept;
      return new RowMerge(column, few.collect().iterator()).total();
    } finally {
      kept.unpersist();
    }
  }

  private static JavaRDD<byte[]> one(FeatureColumn column, JavaRDD<byte[]> parts) {
    JavaRDD<byte[]> sums = parts;
    while (sums.getNumPartitions() > 1) {
      int groups = (sums.getNumPartitions() + NEIGHBOURS - 1) / NEIGHBOURS;
      sums =
          sums.mapPartitionsWithIndex(
                  (part, values) ->
                      Collections.singleton(new Tuple2<>(part / NEIGHBOURS, values.next()))
                          .iterator(),
                  false)
              .mapToPair(pair -> pair)
              .partitionBy(new HashPartitioner(groups))
              .values()
              .mapPartitions(
                  group ->
                      Collections.singleton(new RowMerge(column, group).encoded(groups == 1))
                          .iterator());
    }
    return sums;
  }

  private void add(byte[] part) {
    ByteBuffer bytes = ByteBuffer.wrap(part);
    int found = bytes.getInt();
    nulls += bytes.getLong();
    if (found > 0) {
      channels = channels == 0 ? found : channels;
      column.requireSame(channels, found);
      MomentsWire.add(part, HEADER_BYTES, tree);
    }
  }

  /**
   * Returns the sum as bytes.
   *
   * @param last whether there are no others, so that all nodes of the tree can be added
   */
  private byte[] encoded(boolean last) {
    if (!last || channels == 0) {
      return encode(channels, nulls, tree);
    }
    MomentsTree sum = new MomentsTree();
    sum.add(0, tree.total(channels));
    return encode(channels, nulls, sum);
  }

  private FeatureMoments total() {
    if (channels == 0) {
      throw new InvalidInputException(
          "Cannot learn from column %s: it has no values (%s null); check the table"
              .formatted(column.name(), Count.of(nulls, "row is", "rows are")));
    }
    FeatureMoments total = tree.total(channels);
    total.addLeftOut(nulls, 0);
    return total;
  }
}
