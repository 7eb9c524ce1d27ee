package org.pointwise.conv;

import java.util.List;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.Tile;

/**
 * Applies all heads to a tile in one pass over its input. Input and output are stored numbers.
 * {@link KernelProvider#kernel} makes one.
 *
 * <p>For each pixel and head it computes, in this order: W·x, + bias, the activation, the
 * normalisation, the replacement of nodata by the output's nodata number, and the conversion to the
 * output's type.
 *
 * <p>Confined to one thread. Reuses its buffers for all tiles until it is closed.
 */
public interface TileKernel extends AutoCloseable {
  /** Returns the counts since the last {@link TileCounts#reset}. */
  TileCounts counts();

  /**
   * Computes the outputs of {@code tile}. Head h writes the tile's pixels to {@code
   * outputs.get(h)}, whose element (0,0,0,0) is the tile's first pixel, and nothing else. Masked
   * pixels and all pixels of a nodata tile become the nodata number of the head's quantisation, NaN
   * for floating ones.
   *
   * @param outputs blocks of the types of the heads' quantisations
   */
  void apply(Tile tile, List<ChannelBlock> outputs);

  /** Counts a nodata tile whose pixels need not be written. */
  void skip(Tile nodata);

  /** Releases the buffers. {@link #apply} must not be called afterwards. */
  @Override
  void close();
}
