package org.pointwise.hadoop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.util.functional.FutureIO;
import org.pointwise.store.Bytes;

/**
 * Reads several ranges by one call. Hadoop supports this since version 3.3.5; Spark 3.5 contains
 * version 3.3.4.
 */
final class VectoredReads {
  private VectoredReads() {}

  /** Returns whether this Hadoop supports vectored reads. */
  static boolean available() {
    try {
      FSDataInputStream.class.getMethod("readVectored", List.class, IntFunction.class);
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  /** Returns whether no two ranges overlap. Hadoop refuses overlapping ranges. */
  static boolean areDisjoint(long[] offsets, int[] lengths) {
    Integer[] order = new Integer[offsets.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> offsets[i]));
    for (int i = 1; i < order.length; i++) {
      if (offsets[order[i - 1]] + lengths[order[i - 1]] > offsets[order[i]]) {
        return false;
      }
    }
    return true;
  }

  static void read(FSDataInputStream in, long[] offsets, int[] lengths, Bytes[] into)
      throws IOException {
    List<FileRange> ranges = new ArrayList<>(offsets.length);
    for (int i = 0; i < offsets.length; i++) {
      ranges.add(FileRange.createFileRange(offsets[i], lengths[i]));
    }
    in.readVectored(ranges, ByteBuffer::allocate);
    for (int i = 0; i < offsets.length; i++) {
      ByteBuffer data = FutureIO.awaitFuture(ranges.get(i).getData());
      data.get(into[i].resize(lengths[i]), 0, lengths[i]);
    }
  }
}
