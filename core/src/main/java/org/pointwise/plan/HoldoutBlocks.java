package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.format.ArrayInfo;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Grid;

/** The hold-out blocks of one input, divided by a {@link HoldoutSplit}. Immutable. */
public final class HoldoutBlocks {
  private final HoldoutSplit split;
  private final StratifiedChoice heldOut;
  private final FeatureShape shape;
  private final long rows; // of a block
  private final long columns;
  private final ArrayInfo input;
  private final long[] firsts; // first block of each image of a folder, and the count of blocks

  HoldoutBlocks(HoldoutSplit split, ArrayInfo input) {
    this.split = split;
    this.heldOut = new StratifiedChoice(split.fraction(), split.seed());
    this.shape = input.shape();
    this.rows = split.block() > 0 ? split.block() : input.tile().y();
    this.columns = split.block() > 0 ? split.block() : input.tile().x();
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

  /** The number of the first block of image {@code n}, which may be one past the last image. */
  private long first(long n) {
    return firsts.length == 0 ? Math.multiplyExact(n, down(n) * across(n)) : firsts[(int) n];
  }

  /** The number of all blocks, whether taken or not. */
  public long count() {
    return first(shape.n());
  }

  /** The number of held-out blocks. */
  public long heldOut() {
    return heldOut.count(count());
  }

  /**
   * The taken blocks of a tile, image by image. A block that reaches beyond the tile is clipped to
   * it.
   */
  public List<Box> in(Box tile) {
    List<Box> blocks = new ArrayList<>();
    for (long n = tile.n0(); n < tile.n1(); n++) {
      if (split.part() == Part.ALL) {
        blocks.add(new Box(n, n + 1, tile.y0(), tile.y1(), tile.x0(), tile.x1()));
      } else {
        addSelected(n, tile, blocks);
      }
    }
    return blocks;
  }

  private void addSelected(long n, Box tile, List<Box> blocks) {
    long first = first(n);
    long across = across(n);
    for (long row = tile.y0() / rows; row * rows < tile.y1(); row++) {
      for (long column = tile.x0() / columns; column * columns < tile.x1(); column++) {
        boolean out = heldOut.contains(first + row * across + column);
        if (out == (split.part() == Part.TEST)) {
          blocks.add(
              new Box(
                  n,
                  n + 1,
                  Math.max(row * rows, tile.y0()),
                  Math.min((row + 1) * rows, tile.y1()),
                  Math.max(column * columns, tile.x0()),
                  Math.min((column + 1) * columns, tile.x1())));
        }
      }
    }
  }
}
