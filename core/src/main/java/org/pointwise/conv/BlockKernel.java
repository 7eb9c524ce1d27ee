package org.pointwise.conv;

import java.util.List;
import org.pointwise.tensor.ChannelBlock;

/** Computes the sums of a block of pixels from stored numbers, for one layout of the input. */
sealed interface BlockKernel permits ChannelsLastKernel, ChannelsFirstKernel {
  /** The largest {@link #block}. */
  int MAX_PIXELS = 1024;

  /** Returns the largest number of pixels computed together. */
  int block();

  /** Returns the largest number of floats of scratch memory, without the weights. */
  static long scratchFloats(long in, long out, long narrow) {
    long wide = ChannelsFirstKernel.BLOCK * (out + 2L * Microkernel.LINE);
    long dots = MAX_PIXELS * (narrow * (PackedWeights.DOT_LANES + 1L) + Microkernel.DOT_PLANES);
    return wide + dots + ChannelsLastKernel.DOT_BLOCK * in;
  }

  /**
   * Computes the sums of all heads.
   *
   * @param mask set to true where a pixel is nodata
   */
  void multiply(List<ChannelBlock> blocks, PixelRuns pixels, boolean[] mask);

  /**
   * Counts unmasked pixels where, for any head, a sum with its bias or its activation is not
   * finite.
   */
  long nonFinite(PixelRuns pixels, boolean[] mask);

  /** Finishes the sums of one head and writes them. */
  void encode(
      HeadEncoder encoder, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts);
}
