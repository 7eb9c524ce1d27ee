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
 * A file of contiguous uncompressed numbers.
 *
 * @param key the key in the file's store
 * @param dataOffset the position of the first number in bytes
 * @param axes the axes of the file's dimensions
 * @param reversed whether the first axis varies fastest, instead of the last
 * @param shape the shape of the file's whole content
 */
public record RawFile(
    String key,
    long dataOffset,
    ElementType type,
    ByteOrder order,
    Axes axes,
    boolean reversed,
    FeatureShape shape) {
  /** Target bytes of one read. A larger file is cut along its slowest axis. */
  private static final long TILE_BYTES = 32L << 20;

  /** Returns the axes from the slowest in the file to the fastest. */
  public List<Axis> storageOrder() {
    List<Axis> slowest = new ArrayList<>(axes.order());
    if (reversed) {
      Collections.reverse(slowest);
    }
    return slowest;
  }

  /** Returns the bytes of all numbers. */
  public long bytes() {
    return Math.multiplyExact(shape.pixels(), (long) shape.c() * type.bytes());
  }

  /** Returns the extent of the whole file, or of as much of its slowest axes as makes one read. */
  public Extent tile() {
    Extent tile = new Extent(max(shape.n()), max(shape.y()), max(shape.x()));
    for (Axis axis : storageOrder()) {
      long bytes = Math.multiplyExact(tile.pixels(), (long) shape.c() * type.bytes());
      if (axis != Axis.C && bytes > TILE_BYTES) {
        long each = bytes / tile.length(axis);
        tile = tile.withLength(axis, (int) Math.max(1, TILE_BYTES / each));
      }
    }
    return tile;
  }

  private static int max(long length) {
    return (int) Math.min(length, 1 << 24);
  }

  /** Returns the memory of a reader of such tiles: a tile, and its longest run. */
  public ReadMemory memory() {
    long tile = Math.multiplyExact(tile().pixels(), (long) shape.c() * type.bytes());
    return new ReadMemory(2 * tile, tile * 5 / 4);
  }
}
