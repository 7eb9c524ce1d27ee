package org.pointwise.conv;

import java.nio.ByteOrder;
import java.util.List;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;

/** What needs no packing. */
final class Packing {
  private Packing() {}

  /**
   * Whether all channels lie in one block as the float32 numbers that the microkernels read.
   *
   * @param stride elements between numbers that must lie side by side
   */
  static boolean isPlain(List<ChannelBlock> blocks, long stride, Dequantisation dequantisation) {
    ChannelBlock block = blocks.get(0);
    return blocks.size() == 1
        && block.type() == ElementType.FLOAT32
        && block.order() == ByteOrder.LITTLE_ENDIAN
        && stride == 1
        && !dequantisation.linear()
        && dequantisation.nodata() == null;
  }
}
