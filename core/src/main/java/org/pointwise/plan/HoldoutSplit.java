package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;

/**
 * Tells the tiles that are learned from and those that are held out to evaluate on. A tile is the
 * part of a stored cell that lies in one image, or a block of the image, however that is stored.
 *
 * <p>The tiles of an input are numbered from 0, image after image and within an image row after
 * row; {@link StratifiedChoice} of {@code fraction} and {@code seed} chooses the numbers that are
 * held out. So the part asked for is taken to within one tile; where a tile is an image, the choice
 * depends neither on chunks nor on partitions; and images that are appended change nothing for
 * those before them.
 *
 * @param fraction of the tiles that is held out, 0 … 1
 * @param block rows and columns of a block; blocks begin at their multiples, so that they do not
 *     depend on how the input is chunked; 0 where tiles are not cut into blocks
 * @param taken which of the two are taken
 */
public record HoldoutSplit(double fraction, long seed, int block, Part taken) {
  /** A part of all tiles. */
  public enum Part {
    ALL,
    TRAIN,
    TEST
  }

  /** Nothing is held out. */
  public static final HoldoutSplit ALL = new HoldoutSplit(0, 0, 0, Part.ALL);

  /** The same tiles, another part of them; all of them where none is held out. */
  public HoldoutSplit taking(Part part) {
    return fraction == 0 ? ALL : new HoldoutSplit(fraction, seed, block, part);
  }

  /** The tiles of an input. */
  public HoldoutBlocks of(ArrayInfo input) {
    return new HoldoutBlocks(this, input);
  }
}
