package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells the tiles that are learned from and those that are held out to evaluate on. A tile is the
 * part of a stored cell that lies in one image, or a block of it.
 *
 * @param heldOut tiles that are held out
 * @param block rows and columns of a block; blocks begin at their multiples, so that they do not
 *     depend on how the input is chunked; 0 where tiles are not cut into blocks
 * @param taken which of the two are taken
 */
public record TileSplit(PixelSample heldOut, int block, Part taken) {
  /** A part of all tiles. */
  public enum Part {
    ALL,
    LEARNED_FROM,
    HELD_OUT
  }

  /** Nothing is held out. */
  public static final TileSplit ALL = new TileSplit(new PixelSample(0, 0), 0, Part.ALL);

  /** The same tiles, another part of them; all of them where none is held out. */
  public TileSplit taking(Part part) {
    return heldOut.fraction() == 0 ? ALL : new TileSplit(heldOut, block, part);
  }

  /** The tiles of a cell that are taken, image after image. */
  public List<Box> tiles(Box cell) {
    List<Box> tiles = new ArrayList<>();
    for (long n = cell.n0(); n < cell.n1(); n++) {
      Box image = new Box(n, n + 1, cell.y0(), cell.y1(), cell.x0(), cell.x1());
      if (taken == Part.ALL || block == 0) {
        take(image, tiles);
      } else {
        takeBlocks(image, tiles);
      }
    }
    return tiles;
  }

  private void takeBlocks(Box image, List<Box> tiles) {
    for (long y = image.y0() / block * block; y < image.y1(); y += block) {
      for (long x = image.x0() / block * block; x < image.x1(); x += block) {
        take(
            new Box(
                image.n0(),
                image.n1(),
                Math.max(y, image.y0()),
                Math.min(y + block, image.y1()),
                Math.max(x, image.x0()),
                Math.min(x + block, image.x1())),
            tiles);
      }
    }
  }

  private void take(Box tile, List<Box> tiles) {
    if (taken == Part.ALL || isHeldOut(tile) == (taken == Part.HELD_OUT)) {
      tiles.add(tile);
    }
  }

  /** A block is known by its place in the grid, also where a cell cuts it. */
  private boolean isHeldOut(Box tile) {
    return block == 0
        ? heldOut.contains(tile)
        : heldOut.contains(tile.n0(), tile.y0() / block, tile.x0() / block);
  }
}
