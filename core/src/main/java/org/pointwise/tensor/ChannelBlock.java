package org.pointwise.tensor;

import java.nio.ByteOrder;

/**
 * A run of channels of a box of pixels as it lies decoded in memory, in whatever order and type it
 * was stored: the channels {@code firstChannel … firstChannel + channels}, element {@code (n, y, x,
 * c)} of the box at byte {@code offset + (n·strideN + y·strideY + x·strideX + c·strideC) ·
 * type.bytes()}.
 *
 * <p>The array belongs to the reader that made the block and is overwritten by its next read. A
 * constant has four strides of zero.
 */
public record ChannelBlock(
    byte[] bytes,
    int offset,
    ElementType type,
    ByteOrder order,
    long strideN,
    long strideY,
    long strideX,
    long strideC,
    int firstChannel,
    int channels) {

  /** The byte where element (n, y, x, c) of the box begins; c counts from this block's first. */
  public int at(long n, long y, long x, long c) {
    return (int) (offset + (n * strideN + y * strideY + x * strideX + c * strideC) * type.bytes());
  }
}
