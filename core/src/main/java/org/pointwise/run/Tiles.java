package org.pointwise.run;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/** Tiles as they were read, cut to what is computed. */
final class Tiles {
  private Tiles() {}

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
