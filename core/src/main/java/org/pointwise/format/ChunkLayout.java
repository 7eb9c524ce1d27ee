package org.pointwise.format;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * Grows boxes by whole tiles to the size of an object. A chunk is a whole number of input tiles,
 * and a shard is a whole number of chunks. Therefore each input chunk is read once, and no boundary
 * cuts a tile or a chunk.
 */
public final class ChunkLayout {
  private ChunkLayout() {}

  /**
   * Returns the box of whole tiles that is grown by doubling, evenly in y and x, then over images,
   * as long as it has at most {@code maxPixels}. The result is at least one tile.
   */
  public static Extent grow(Extent tile, FeatureShape shape, long maxPixels) {
    Extent grown = tile;
    while (true) {
      Axis axis = next(grown, shape);
      if (axis == null) {
        return grown;
      }
      long doubled = Math.min(2L * grown.length(axis), covering(tile, shape, axis));
      long pixels = grown.pixels() / grown.length(axis) * doubled;
      if (pixels > maxPixels || doubled > Integer.MAX_VALUE) {
        return grown;
      }
      grown = grown.with(axis, (int) doubled);
    }
  }

  /** Returns the smallest multiple of the tile's length that covers the axis. */
  private static long covering(Extent tile, FeatureShape shape, Axis axis) {
    return Grid.ceil(shape.length(axis), tile.length(axis)) * tile.length(axis);
  }

  private static @Nullable Axis next(Extent grown, FeatureShape shape) {
    boolean y = grown.y() < shape.y();
    boolean x = grown.x() < shape.x();
    if (y && (!x || grown.y() <= grown.x())) {
      return Axis.Y;
    }
    return x ? Axis.X : grown.n() < shape.n() ? Axis.N : null;
  }
}
