package org.pointwise.format;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;

/**
 * A file of numbers that lie one behind another, without compression.
 *
 * @param key in its store
 * @param dataOffset where the numbers begin
 * @param axes of its dimensions
 * @param reversed whether the first of the axes varies fastest, and not the last
 * @param shape of all that it holds
 */
public record RawFile(
    String key,
    long dataOffset,
    ElementType type,
    ByteOrder order,
    Axes axes,
    boolean reversed,
    FeatureShape shape) {
  /** What is read at once; a larger file is cut along its slowest axis. */
  private static final long TILE_BYTES = 32L << 20;

  /** Axes from the slowest in the file to the fastest. */
  public List<Axis> storageOrder() {
    List<Axis> slowest = new ArrayList<>(axes.order());
    if (reversed) {
      Collections.reverse(slowest);
    }
    return slowest;
  }

  /** Bytes of all numbers. */
  public long bytes() {
    return Math.multiplyExact(shape.pixels(), (long) shape.c() * type.bytes());
  }

  /** The whole file, or as much of its slowest axes as makes one read. */
  public Extent tile() {
    Extent tile = new Extent(max(shape.n()), max(shape.y()), max(shape.x()));
    for (Axis axis : storageOrder()) {
      long bytes = Math.multiplyExact(tile.pixels(), (long) shape.c() * type.bytes());
      if (axis != Axis.C && bytes > TILE_BYTES) {
        long each = bytes / tile.length(axis);
        tile = tile.with(axis, (int) Math.max(1, TILE_BYTES / each));
      }
    }
    return tile;
  }

  private static int max(long length) {
    return (int) Math.min(length, 1 << 24);
  }

  /** What a reader of such cells takes: a cell, and its longest run. */
  public ReadMemory memory() {
    long tile = Math.multiplyExact(tile().pixels(), (long) shape.c() * type.bytes());
    return new ReadMemory(2 * tile, tile * 5 / 4);
  }
}
