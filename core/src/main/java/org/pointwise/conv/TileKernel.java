package org.pointwise.conv;

import java.util.List;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/**
 * Applies all heads to a tile in one pass over its input: stored numbers in, stored numbers out.
 * {@link KernelProvider#kernel} makes one.
 *
 * <p>At each pixel and for each head, in this order: W·x, + bias, the activation, the
 * normalisation, no data as the output's number for it, conversion to the output's type.
 *
 * <p>Confined to one thread: it keeps its buffers from tile to tile, until it is closed.
 */
public interface TileKernel extends AutoCloseable {
  /** Counts since the last {@link TileCounts#reset}. */
  TileCounts counts();

  /**
   * Reduces {@code tile}; head h writes the tile's pixels to {@code outputs.get(h)}, whose element
   * (0,0,0,0) is the tile's first pixel. Writes nothing else. A tile of no data, and a masked
   * pixel, become the number of the head's quantisation that means so: NaN of floating ones.
   *
   * @param outputs of the types of the heads' quantisations
   */
  void apply(Tile tile, List<ChannelBlock> outputs);

  /** Counts a tile of no data whose pixels need not be written. */
  void skip(Tile nodata);

  /** Releases its buffers; {@link #apply} must not be called any more. */
  @Override
  void close();
}
