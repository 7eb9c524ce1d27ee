package org.pointwise.plan;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Axis;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Offset;

/**
 * How often a reduction decodes the tiles of its input: more than once where an object of the
 * output, or a step in which it is written, ends within a tile.
 */
public final class TileReads {
  /** Number of parts of tiles after which the average is that of the units so far. */
  private static final int MAX_PARTS = 20_000;

  private final ReducePlan plan;
  private @Nullable Box held; // the tile that a reader holds
  private long parts;
  private long pixels;
  private long tiles;
  private long tilePixels;

  TileReads(ReducePlan plan) {
    this.plan = plan;
  }

  /** Returns how often a tile is decoded, on average; 1 if each is decoded once. */
  public double average() {
    if (plan.input().offset().equals(Offset.NONE) && chunk().isEmpty()) {
      return 1;
    }
    TileReads reads = new TileReads(plan);
    for (long unit = plan.keptUnits(); unit < plan.unitCount() && reads.parts < MAX_PARTS; unit++) {
      plan.units().groups(unit).forEach(reads::add);
    }
    return reads.pixels == 0 ? 1 : (double) reads.tilePixels / reads.pixels;
  }

  /** Counts the tiles that are decoded for objects that are computed together. */
  public void add(List<Box> objects) {
    Box all = Box.boundingBox(objects);
    long first = Math.max(all.n0(), plan.input().past()); // before it, nothing is read
    if (first < all.n1()) {
      Box read = new Box(first, all.n1(), all.y0(), all.y1(), all.x0(), all.x1());
      read.split(plan.chunkStep(all), step -> plan.input().split(step, this::decode));
      pixels += read.pixels();
    }
  }

  private void decode(Box part) {
    Box tile = plan.input().tileOf(part);
    if (!tile.equals(held)) {
      tiles++;
      tilePixels += tile.pixels();
      held = tile;
    }
    parts++;
  }

  /** Returns the number of tiles counted so far. */
  public long tiles() {
    return tiles;
  }

  /** Returns the pixels of these tiles. */
  public long tilePixels() {
    return tilePixels;
  }

  /**
   * Returns the lengths of chunks of the output that end where tiles end, on the axes on which the
   * planned ones do not, as the value of {@code --chunk}; empty if all do.
   */
  public String chunk() {
    Extent object = plan.output().shard();
    Extent step = plan.chunkStep(new Box(0, object.n(), 0, object.y(), 0, object.x()));
    return List.of(Axis.N, Axis.Y, Axis.X).stream()
        .filter(axis -> endsWithinTiles(axis, object) || endsWithinTiles(axis, step))
        .map(axis -> axis.letter() + "=" + plan.input().tile().length(axis))
        .collect(Collectors.joining(","));
  }

  private boolean endsWithinTiles(Axis axis, Extent extent) {
    return extent.length(axis) % plan.input().tile().length(axis) != 0
        && extent.length(axis) < plan.input().shape().length(axis);
  }
}
