package org.pointwise.conv;

import java.util.List;
import org.pointwise.tensor.ChannelBlock;

/** The way of a block of pixels from stored numbers to sums, for one layout of the input. */
sealed interface Pass permits ChannelsLastPass, ChannelsFirstPass {
  /**
   * Computes the sums of all heads.
   *
   * @param mask to be set where a pixel is nodata
   */
  void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask);

  /** Finishes the sums of one head and writes them. */
  void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts);
}
