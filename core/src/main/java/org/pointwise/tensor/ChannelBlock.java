package org.pointwise.tensor;

import java.nio.ByteOrder;

/**
 * A range of channels of a box of pixels, decoded in memory, in the order and type in which it was
 * stored. The block holds the channels {@code firstChannel … firstChannel + channels}. Element
 * {@code (n, y, x, c)} of the box is at byte {@code offset + (n·strideN + y·strideY + x·strideX +
 * c·strideC) · type.bytes()}.
 *
 * <p>The array belongs to the reader that made the block. The reader's next read overwrites it. All
 * four strides of a constant are zero.
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

  /**
   * Returns a block whose strides are given by dimension.
   *
   * @param strides elements between neighbours along each axis of {@code axes}
   */
  public static ChannelBlock of(
      byte[] bytes,
      int offset,
      ElementType type,
      ByteOrder order,
      Axes axes,
      long[] strides,
      int firstChannel,
      int channels) {
    return new ChannelBlock(
        bytes,
        offset,
        type,
        order,
        stride(axes, strides, Axis.N),
        stride(axes, strides, Axis.Y),
        stride(axes, strides, Axis.X),
        stride(axes, strides, Axis.C),
        firstChannel,
        channels);
  }

  /** Returns a block of all channels of a box as little-endian float32, in the layout n,y,x,c. */
  public static ChannelBlock packed(byte[] bytes, Box box, int channels) {
    long line = (long) box.x() * channels;
    return new ChannelBlock(
        bytes,
        0,
        ElementType.FLOAT32,
        ByteOrder.LITTLE_ENDIAN,
        box.y() * line,
        line,
        channels,
        1,
        0,
        channels);
  }

  private static long stride(Axes axes, long[] strides, Axis axis) {
    int dimension = axes.indexOf(axis);
    return dimension < 0 ? 0 : strides[dimension];
  }

  /** Copies the channels of the box's first pixel to all its other pixels. */
  public void repeatFirstPixel(Box box) {
    int size = type.bytes();
    for (int n = 0; n < box.n(); n++) {
      for (int y = 0; y < box.y(); y++) {
        for (int x = 0; x < box.x(); x++) {
          for (int c = 0; c < channels; c++) {
            System.arraycopy(bytes, byteOffset(0, 0, 0, c), bytes, byteOffset(n, y, x, c), size);
          }
        }
      }
    }
  }

  /** Copies the channels of a pixel to the same pixel of a block of the same type and channels. */
  public void copyPixel(int n, int y, int x, ChannelBlock to) {
    int size = type.bytes();
    for (int c = 0; c < channels; c++) {
      System.arraycopy(bytes, byteOffset(n, y, x, c), to.bytes, to.byteOffset(n, y, x, c), size);
    }
  }

  /** Returns whether all elements are the same number of the array: all strides are zero. */
  public boolean constant() {
    return strideN == 0 && strideY == 0 && strideX == 0 && strideC == 0;
  }

  /**
   * Returns the byte where element (n, y, x, c) of the box begins; c counts from the first channel
   * of this block.
   */
  public int byteOffset(long n, long y, long x, long c) {
    return (int) (offset + (n * strideN + y * strideY + x * strideX + c * strideC) * type.bytes());
  }

  /**
   * Returns this block with another origin: element (0, 0, 0, c) of the result is element (n, y, x,
   * c) of this block.
   */
  public ChannelBlock startingAt(long n, long y, long x) {
    return new ChannelBlock(
        bytes,
        byteOffset(n, y, x, 0),
        type,
        order,
        strideN,
        strideY,
        strideX,
        strideC,
        firstChannel,
        channels);
  }

  /**
   * Returns channels of this block at equal distances, as the channels {@code first … first +
   * count} of another array.
   *
   * @param from the position of the first of them in this block
   * @param step the distance between them
   */
  public ChannelBlock channels(int from, int step, int count, int first) {
    return new ChannelBlock(
        bytes,
        byteOffset(0, 0, 0, from),
        type,
        order,
        strideN,
        strideY,
        strideX,
        strideC * step,
        first,
        count);
  }
}
