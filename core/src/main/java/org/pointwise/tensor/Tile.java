package org.pointwise.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decoded input of one kernel call: a box of pixels with all their channels, in blocks that
 * cover the channels in ascending order. Without blocks, all pixels are nodata.
 *
 * @param storedBytes the encoded bytes read for the tile
 * @param chunks the chunks fetched and decoded for the tile, or found missing; 0 if they were
 *     already decoded
 * @param missingChunks those of {@code chunks} that are not stored
 * @param unreadable the reason why the pixels could not be read and are nodata; empty if they could
 *     be read
 * @param mask the pixels that are nodata whatever their channels hold; null if there is no mask
 */
public record Tile(
    Box box,
    List<ChannelBlock> blocks,
    long storedBytes,
    int chunks,
    int missingChunks,
    String unreadable,
    @Nullable PixelMask mask) {

  /** Makes a tile without a mask. */
  public Tile(
      Box box,
      List<ChannelBlock> blocks,
      long storedBytes,
      int chunks,
      int missingChunks,
      String unreadable) {
    this(box, blocks, storedBytes, chunks, missingChunks, unreadable, null);
  }

  /** Makes a tile that could be read. */
  public Tile(Box box, List<ChannelBlock> blocks, long storedBytes, int chunks, int missingChunks) {
    this(box, blocks, storedBytes, chunks, missingChunks, "");
  }

  /** Makes a tile of one stored chunk. */
  public Tile(Box box, List<ChannelBlock> blocks, long storedBytes) {
    this(box, blocks, storedBytes, 1, 0);
  }

  /** Returns a tile that could not be read. All its pixels are nodata. */
  public static Tile unreadable(Box box, String reason) {
    return new Tile(box, List.of(), 0, 1, 0, reason);
  }

  /** Returns whether all pixels are nodata. */
  public boolean nodata() {
    return blocks.isEmpty();
  }

  /**
   * Returns whether all pixels are known to be equal, for example because none of their chunks is
   * stored.
   */
  public boolean constant() {
    return !nodata() && mask == null && blocks.stream().allMatch(ChannelBlock::constant);
  }

  /**
   * Returns the pixels of {@code part}, a box within this tile, with the bytes and chunk counts of
   * this tile.
   */
  public Tile cropWithCounts(Box part) {
    Tile cut = crop(part);
    return new Tile(part, cut.blocks(), storedBytes, chunks, missingChunks, unreadable, cut.mask());
  }

  /**
   * Returns the pixels of {@code part}, a box within this tile, with bytes and chunk counts of
   * zero.
   */
  public Tile crop(Box part) {
    List<ChannelBlock> cut = new ArrayList<>(blocks.size());
    for (ChannelBlock block : blocks) {
      cut.add(block.startingAt(part.n0() - box.n0(), part.y0() - box.y0(), part.x0() - box.x0()));
    }
    return new Tile(part, cut, 0, 0, 0, "", mask);
  }

  /** Returns this tile with a mask. */
  public Tile withMask(PixelMask otherMask) {
    return new Tile(box, blocks, storedBytes, chunks, missingChunks, unreadable, otherMask);
  }

  /** Returns the decoded size of the pixels in bytes. */
  public long bytes() {
    long bytes = 0;
    for (ChannelBlock block : blocks) {
      bytes += box.pixels() * block.channels() * block.type().bytes();
    }
    return bytes;
  }
}
