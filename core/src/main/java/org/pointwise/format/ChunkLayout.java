package org.pointwise.format;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** Grows boxes by whole tiles or chunks to a size in pixels. */
public final class ChunkLayout {
  private ChunkLayout() {}

  /**
   * Returns a box of whole tiles that is grown by doubling, evenly in y and x, then over images, as
   * long as it has at most {@code maxPixels}. The result is at least one tile.
   *
   * @param shape limits the box
   * @param free the axes along which the box may grow
   */
  public static Extent grow(Extent tile, FeatureShape shape, long maxPixels, Set<Axis> free) {
    Extent grown = tile;
    while (true) {
      Axis axis = next(grown, shape, free);
      if (axis == null) {
        return grown;
      }
      long doubled = Math.min(2L * grown.length(axis), covering(tile, shape, axis));
      long pixels = grown.pixels() / grown.length(axis) * doubled;
      if (pixels > maxPixels || doubled > Integer.MAX_VALUE) {
        return grown;
      }
      grown = grown.withLength(axis, (int) doubled);
    }
  }

  /** Returns the smallest multiple of the tile's length that covers the axis. */
  private static long covering(Extent tile, FeatureShape shape, Axis axis) {
    return Grid.ceil(shape.length(axis), tile.length(axis)) * tile.length(axis);
  }

  /** Returns the axis to grow next; null if there is none. Images are joined only as a whole. */
  private static @Nullable Axis next(Extent grown, FeatureShape shape, Set<Axis> free) {
    boolean y = grown.y() < shape.y() && free.contains(Axis.Y);
    boolean x = grown.x() < shape.x() && free.contains(Axis.X);
    if (y && (!x || grown.y() <= grown.x())) {
      return Axis.Y;
    }
    return x ? Axis.X : grown.n() < shape.n() && free.contains(Axis.N) ? Axis.N : null;
  }
}
