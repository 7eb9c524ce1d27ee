package org.pointwise.run;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;
import org.pointwise.tensor.TileSplit;

/** Cells as they are stored, cut to what is computed. */
final class Tiles {
  private Tiles() {}

  /** The tiles of a cell, an image each, that are taken. */
  static List<Box> of(Box cell, TileSplit split) {
    List<Box> tiles = new ArrayList<>();
    for (long n = cell.n0(); n < cell.n1(); n++) {
      Box tile = new Box(n, n + 1, cell.y0(), cell.y1(), cell.x0(), cell.x1());
      if (split.takes(tile)) {
        tiles.add(tile);
      }
    }
    return tiles;
  }

  /** The part of a tile that lies in a box within it. */
  static Tile within(Tile tile, Box box) {
    List<ChannelBlock> blocks = new ArrayList<>(tile.blocks().size());
    for (ChannelBlock block : tile.blocks()) {
      blocks.add(
          block.from(
              box.n0() - tile.box().n0(), box.y0() - tile.box().y0(), box.x0() - tile.box().x0()));
    }
    return new Tile(box, blocks, 0);
  }
}
