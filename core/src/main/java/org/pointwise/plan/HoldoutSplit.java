package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;

/**
 * Divides the pixels of an input into blocks to learn from and hold-out blocks to evaluate on. A
 * block is the part of an input tile that lies in one image, or a square of the image that does not
 * depend on how the image is stored.
 *
 * <p>The blocks of an input are numbered from 0, image by image and row by row within an image.
 * {@link StratifiedChoice} of {@code fraction} and {@code seed} chooses the numbers that are held
 * out. The number of held-out blocks is therefore exact to within one block. Where a block is an
 * image, the choice depends neither on chunks nor on partitions. Appended images do not change the
 * choice for the images before them.
 *
 * @param fraction fraction of the blocks that is held out, 0 … 1
 * @param block rows and columns of a square block; blocks begin at multiples of this number, so
 *     that they do not depend on the chunks of the input; 0 to use the input's tiles
 * @param part the part of the blocks to use
 */
public record HoldoutSplit(double fraction, long seed, int block, Part part) {
  /** A part of all blocks. */
  public enum Part {
    ALL,
    TRAIN,
    TEST
  }

  /** Holds nothing out. */
  public static final HoldoutSplit ALL = new HoldoutSplit(0, 0, 0, Part.ALL);

  /** The same blocks, but another part of them; all blocks where none is held out. */
  public HoldoutSplit withPart(Part part) {
    return fraction == 0 ? ALL : new HoldoutSplit(fraction, seed, block, part);
  }

  /** The blocks of an input. */
  public HoldoutBlocks of(ArrayInfo input) {
    return new HoldoutBlocks(this, input);
  }
}
