package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The decoded input of one kernel call: a box of pixels with all their channels, in blocks that
 * cover the channels in ascending order. No blocks: all pixels are no data.
 *
 * @param storedBytes the encoded bytes read for it
 * @param chunks chunks fetched and decoded for it, or found missing; 0 where they were at hand
 * @param missingChunks of these, those that are not stored
 * @param unreadable why its pixels could not be read and are no data; empty where they could
 */
public record Tile(
    Box box,
    List<ChannelBlock> blocks,
    long storedBytes,
    int chunks,
    int missingChunks,
    String unreadable) {

  /** A tile that could be read. */
  public Tile(Box box, List<ChannelBlock> blocks, long storedBytes, int chunks, int missingChunks) {
    this(box, blocks, storedBytes, chunks, missingChunks, "");
  }

  /** A tile of one stored chunk. */
  public Tile(Box box, List<ChannelBlock> blocks, long storedBytes) {
    this(box, blocks, storedBytes, 1, 0);
  }

  /** A tile that could not be read: no data. */
  public static Tile unreadable(Box box, String reason) {
    return new Tile(box, List.of(), 0, 1, 0, reason);
  }

  /** Whether all pixels are no data. */
  public boolean nodata() {
    return blocks.isEmpty();
  }

  /** Whether all pixels are alike, as where no chunk of them is stored. */
  public boolean constant() {
    return !nodata() && blocks.stream().allMatch(ChannelBlock::constant);
  }

  /** The part of it that lies in a box within it, at the cost of the whole. */
  public Tile cut(Box part) {
    Tile cut = within(part);
    return new Tile(part, cut.blocks(), storedBytes, chunks, missingChunks);
  }

  /** The part of it that lies in a box within it, at no further cost. */
  public Tile within(Box part) {
    List<ChannelBlock> cut = new ArrayList<>(blocks.size());
    for (ChannelBlock block : blocks) {
      cut.add(block.from(part.n0() - box.n0(), part.y0() - box.y0(), part.x0() - box.x0()));
    }
    return new Tile(part, cut, 0, 0, 0);
  }

  /** Decoded size of its pixels. */
  public long bytes() {
    long bytes = 0;
    for (ChannelBlock block : blocks) {
      bytes += box.pixels() * block.channels() * block.type().bytes();
    }
    return bytes;
  }
}
