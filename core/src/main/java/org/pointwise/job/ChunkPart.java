package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.TileKernel;
import org.pointwise.format.FeatureSink;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/** The part of an object that lies in one chunk of the output, filled tile by tile. */
final class ChunkPart {
  private final Box box;
  private final List<ChannelBlock> blocks;
  private final List<FeatureSink.Writer> heads;
  private final List<Tile> nodata = new ArrayList<>(); // written only if another tile has data
  private long pastEmpty; // pixels of earlier images that are nodata

  /**
   * @param blocks that receive each head's pixels
   */
  ChunkPart(Box box, List<ChannelBlock> blocks, List<FeatureSink.Writer> heads) {
    this.box = box;
    this.blocks = blocks;
    this.heads = heads;
  }

  void add(Tile tile, TileKernel kernel) {
    Box within = tile.box().intersection(box);
    if (within == null) {
      return;
    }
    if (tile.nodata()) {
      nodata.add(tile.crop(within));
    } else {
      kernel.apply(tile.crop(within), blocksAt(within));
    }
  }

  /** Copies the stored pixels of a box of images whose source is not read. */
  void addPast(Box pastBox, PastPixels past) throws IOException {
    Box within = pastBox.intersection(box);
    if (within != null) {
      pastEmpty += past.copy(within, blocksAt(within));
    }
  }

  /**
   * Passes the chunk to the writers, or omits it if all its pixels are nodata. Returns whether it
   * was passed.
   */
  boolean end(TileKernel kernel) throws IOException {
    long empty = pastEmpty + nodata.stream().mapToLong(tile -> tile.box().pixels()).sum();
    boolean skip = empty == box.pixels();
    for (Tile tile : nodata) {
      if (skip) {
        kernel.skip(tile);
      } else {
        kernel.apply(tile, blocksAt(tile.box()));
      }
    }
    for (FeatureSink.Writer head : heads) {
      if (skip) {
        head.skipChunk();
      } else {
        head.endChunk();
      }
    }
    return !skip;
  }

  /** Returns the blocks, starting at the first pixel of a box. */
  private List<ChannelBlock> blocksAt(Box within) {
    return blocks.stream()
        .map(
            block ->
                block.startingAt(
                    within.n0() - box.n0(), within.y0() - box.y0(), within.x0() - box.x0()))
        .toList();
  }
}
