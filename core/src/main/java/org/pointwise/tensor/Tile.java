package org.pointwise.tensor;

import java.util.List;

/**
 * The decoded input of one kernel call: a box of pixels with all their channels, in blocks that
 * cover the channels in ascending order. No blocks: the box was never written.
 *
 * @param storedBytes the encoded bytes read for it
 */
public record Tile(Box box, List<ChannelBlock> blocks, long storedBytes) {
  public boolean missing() {
    return blocks.isEmpty();
  }

  /** Decoded size of what was read. */
  public long bytes() {
    long bytes = 0;
    for (ChannelBlock block : blocks) {
      bytes += box.pixels() * block.channels() * block.type().bytes();
    }
    return bytes;
  }
}
