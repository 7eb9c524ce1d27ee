package org.pointwise.spark.sql;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.FeatureSource;
import org.pointwise.spark.sql.FeatureScan.TilePartition;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Tile;

/** Reads the boxes of chosen pixels of a partition, one after another. Confined to one thread. */
final class BoxReader implements AutoCloseable {
  private final ArrayInfo info;
  private final FeatureSource.@Nullable Reader reader;
  private final TileSelection tiles;
  private final ByteStores stores;
  private final Deque<Box> boxes = new ArrayDeque<>();
  private final long end;
  private long next;
  private boolean announced;

  /**
   * @param reader null if no pixels are read
   * @param all whether all tiles are read, so that they may be fetched together
   */
  BoxReader(
      ArrayInfo info,
      FeatureSource.@Nullable Reader reader,
      TileSelection tiles,
      TilePartition partition,
      boolean all,
      ByteStores stores) {
    this.info = info;
    this.reader = reader;
    this.tiles = tiles;
    this.stores = stores;
    this.next = partition.first();
    this.end = partition.end();
    this.announced = !all;
  }

  ArrayInfo info() {
    return info;
  }

  boolean reads() {
    return reader != null;
  }

  TileSelection tiles() {
    return tiles;
  }

  /** Returns the next box; null after the last one. */
  @Nullable Box next() {
    if (reader != null && !announced) {
      List<Box> expected = new ArrayList<>();
      for (long number = next; number < end; number++) {
        expected.addAll(tiles.boxes(number, info));
      }
      reader.prefetch(expected);
      announced = true;
    }
    while (boxes.isEmpty() && next < end) {
      boxes.addAll(tiles.boxes(next++, info));
    }
    return boxes.poll();
  }

  /** Reads a box, of which the result is valid until the next call. */
  Tile read(Box box) throws IOException {
    if (reader == null) {
      throw new IllegalStateException("No pixels are read");
    }
    return reader.read(box);
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
    stores.release();
  }
}
