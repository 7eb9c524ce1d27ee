package org.pointwise.plan;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Subset;
import org.pointwise.plan.HoldoutSplit.Part;
import org.pointwise.tensor.Box;

/**
 * The tiles of an array that a layer was fitted on. Determines which pixels of any part of the same
 * array lie in them. Immutable.
 */
public final class TrainingTiles {
  private final ArrayInfo fitted;
  private final HoldoutSplit split;
  private final HoldoutBlocks blocks;

  /**
   * @param fitted the part of the array that was read by the fit
   * @param split the hold-out split of that part
   */
  public TrainingTiles(ArrayInfo fitted, HoldoutSplit split) {
    this.fitted = fitted;
    this.split = split.withPart(Part.TRAIN);
    this.blocks = this.split.of(fitted);
  }

  /** Returns the part of the array that was read by the fit. */
  public ArrayInfo fitted() {
    return fitted;
  }

  /** Returns the hold-out split of the part. It takes the blocks that are not held out. */
  public HoldoutSplit split() {
    return split;
  }

  /** Returns all inputs that determine the tiles, in one line. */
  public String fingerprintInputs() {
    return fitted.identity() + " " + split;
  }

  /**
   * Returns which pixels lie in training tiles, in row-major order.
   *
   * @param box pixels of one image of {@code input}
   * @param input a part of the same stored array
   */
  public BitSet in(Box box, ArrayInfo input) {
    Subset read = input.subset();
    Subset learned = fitted.subset();
    BitSet pixels = new BitSet();
    long image = read == null ? box.n0() : read.images().get(box.n0());
    long at = learned == null ? image : learned.images().position(image);
    if (at < 0 || at >= fitted.shape().n()) {
      return pixels;
    }
    long down = firstRow(read) - firstRow(learned);
    long right = firstColumn(read) - firstColumn(learned);
    Box whole = fitted.image(at);
    long y0 = Math.max(0, box.y0() + down);
    long y1 = Math.min(whole.y1(), box.y1() + down);
    long x0 = Math.max(0, box.x0() + right);
    long x1 = Math.min(whole.x1(), box.x1() + right);
    if (y0 < y1 && x0 < x1) {
      for (Box block : blocks.in(new Box(at, at + 1, y0, y1, x0, x1))) {
        for (long y = block.y0(); y < block.y1(); y++) {
          long row = (y - down - box.y0()) * box.x() - right - box.x0();
          pixels.set((int) (row + block.x0()), (int) (row + block.x1()));
        }
      }
    }
    return pixels;
  }

  private static long firstRow(@Nullable Subset part) {
    return part == null ? 0 : part.rows().first();
  }

  private static long firstColumn(@Nullable Subset part) {
    return part == null ? 0 : part.columns().first();
  }
}
