package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.TileSplit.Part;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** The tiles of one input, as a {@link TileSplit} divides them. Immutable. */
public final class SplitTiles {
  private final TileSplit split;
  private final Strata heldOut;
  private final FeatureShape shape;
  private final long rows; // of a tile
  private final long columns;
  private final ArrayInfo input;
  private final long[] firsts; // number of each such image's first tile, and of all

  SplitTiles(TileSplit split, ArrayInfo input) {
    this.split = split;
    this.heldOut = new Strata(split.fraction(), split.seed());
    this.shape = input.shape();
    this.rows = split.block() > 0 ? split.block() : input.cell().y();
    this.columns = split.block() > 0 ? split.block() : input.cell().x();
    this.input = input;
    this.firsts = new long[input.images().isEmpty() ? 0 : input.images().size() + 1];
    for (int i = 0; i + 1 < firsts.length; i++) {
      firsts[i + 1] = Math.addExact(firsts[i], down(i) * across(i));
    }
  }

  private long down(long n) {
    return Grid.ceil(input.image(n).y(), rows);
  }

  private long across(long n) {
    return Grid.ceil(input.image(n).x(), columns);
  }

  /** The number of the first tile of image {@code n}, which may be one past the last. */
  private long first(long n) {
    return firsts.length == 0 ? Math.multiplyExact(n, down(n) * across(n)) : firsts[(int) n];
  }

  /** How many tiles there are, whichever are taken. */
  public long count() {
    return first(shape.n());
  }

  /** How many of all tiles are held out. */
  public long heldOut() {
    return heldOut.count(count());
  }

  /**
   * The tiles of a cell that are taken, image after image. A block that the cell cuts is there with
   * the part of it that the cell holds.
   */
  public List<Box> in(Box cell) {
    List<Box> tiles = new ArrayList<>();
    for (long n = cell.n0(); n < cell.n1(); n++) {
      if (split.taken() == Part.ALL) {
        tiles.add(new Box(n, n + 1, cell.y0(), cell.y1(), cell.x0(), cell.x1()));
      } else {
        take(n, cell, tiles);
      }
    }
    return tiles;
  }

  private void take(long n, Box cell, List<Box> tiles) {
    long first = first(n);
    long across = across(n);
    for (long row = cell.y0() / rows; row * rows < cell.y1(); row++) {
      for (long column = cell.x0() / columns; column * columns < cell.x1(); column++) {
        boolean out = heldOut.contains(first + row * across + column);
        if (out == (split.taken() == Part.HELD_OUT)) {
          tiles.add(
              new Box(
                  n,
                  n + 1,
                  Math.max(row * rows, cell.y0()),
                  Math.min((row + 1) * rows, cell.y1()),
                  Math.max(column * columns, cell.x0()),
                  Math.min((column + 1) * columns, cell.x1())));
        }
      }
    }
  }
}
