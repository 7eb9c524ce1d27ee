package org.pointwise.format;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/**
 * Grows boxes by whole cells until they are worth an object: a chunk is a whole number of input
 * cells and a shard a whole number of chunks, so each input chunk is read once and nothing
 * straddles.
 */
public final class ChunkLayout {
  private ChunkLayout() {}

  /**
   * The largest box of whole cells of at most {@code maxPixels} (one cell at least), grown evenly
   * in y and x, then over images.
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

  /** The shortest whole number of cells that covers the axis. */
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
