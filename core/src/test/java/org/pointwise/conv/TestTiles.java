package org.pointwise.conv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.quantise.Nodata;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/** The same values as tiles in every memory layout that a store may produce. */
final class TestTiles {
  enum Layout {
    CHANNELS_LAST,
    CHANNELS_FIRST,
    SPLIT_CHANNELS,
    PADDED_ROWS
  }

  private TestTiles() {}

  static Tile tile(Box box, float[] x, int channels, Layout layout) {
    return tile(box, x, channels, layout, ElementType.FLOAT32, ByteOrder.LITTLE_ENDIAN);
  }

  static Tile tile(
      Box box, float[] x, int channels, Layout layout, ElementType type, ByteOrder order) {
    int pixels = (int) box.pixels();
    int width = box.x();
    int plane = box.y() * width;
    switch (layout) {
      case CHANNELS_LAST -> {
        byte[] bytes = encode(x, type, order);
        return new Tile(
            box,
            List.of(
                new ChannelBlock(
                    bytes,
                    0,
                    type,
                    order,
                    (long) plane * channels,
                    (long) width * channels,
                    channels,
                    1,
                    0,
                    channels)),
            0);
      }
      case CHANNELS_FIRST -> {
        float[] moved = new float[x.length];
        for (int p = 0; p < pixels; p++) {
          for (int c = 0; c < channels; c++) {
            moved[(p / plane * channels + c) * plane + p % plane] = x[p * channels + c];
          }
        }
        return new Tile(
            box,
            List.of(
                new ChannelBlock(
                    encode(moved, type, order),
                    0,
                    type,
                    order,
                    (long) plane * channels,
                    width,
                    1,
                    plane,
                    0,
                    channels)),
            0);
      }
      case SPLIT_CHANNELS -> {
        List<ChannelBlock> blocks = new ArrayList<>();
        int step = Math.max(1, channels / 3);
        for (int first = 0; first < channels; first += step) {
          int count = Math.min(step, channels - first);
          float[] part = new float[pixels * count];
          for (int p = 0; p < pixels; p++) {
            System.arraycopy(x, p * channels + first, part, p * count, count);
          }
          blocks.add(
              new ChannelBlock(
                  encode(part, type, order),
                  0,
                  type,
                  order,
                  (long) plane * count,
                  (long) width * count,
                  count,
                  1,
                  first,
                  count));
        }
        return new Tile(box, blocks, 0);
      }
      case PADDED_ROWS -> {
        int rowStride = (width + 3) * channels;
        float[] padded = new float[pixels / width * rowStride + 2];
        for (int p = 0; p < pixels; p++) {
          System.arraycopy(
              x, p * channels, padded, 2 + p / width * rowStride + p % width * channels, channels);
        }
        return new Tile(
            box,
            List.of(
                new ChannelBlock(
                    encode(padded, type, order),
                    2 * type.bytes(),
                    type,
                    order,
                    (long) box.y() * rowStride,
                    rowStride,
                    channels,
                    1,
                    0,
                    channels)),
            0);
      }
    }
    throw new AssertionError(layout);
  }

  static float[] floats(Tile tile) {
    ChannelBlock block = tile.blocks().get(0);
    float[] x = new float[(int) tile.box().pixels() * block.channels()];
    for (int i = 0; i < x.length; i++) {
      x[i] = ElementAccess.floatAt(block.bytes(), 4 * i, block.type(), block.order());
    }
    return x;
  }

  static byte[] encode(float[] x, ElementType type, ByteOrder order) {
    ByteBuffer bytes = ByteBuffer.allocate(x.length * type.bytes()).order(order);
    for (float value : x) {
      switch (type) {
        case FLOAT32 -> bytes.putFloat(value);
        case FLOAT64 -> bytes.putDouble(value);
        case FLOAT16 -> bytes.putShort(Half.fromFloat(value));
        case BFLOAT16 -> bytes.putShort(Half.bfloatFromFloat(value));
        case INT8, UINT8 -> bytes.put((byte) value);
        case INT16, UINT16 -> bytes.putShort((short) value);
        case INT32, UINT32 -> bytes.putInt((int) value);
        case INT64, UINT64 -> bytes.putLong((long) value);
      }
    }
    return bytes.array();
  }

  /** Returns a float32 nodata value. */
  static Nodata nodata(float value) {
    return Nodata.parse(Float.toString(value), ElementType.FLOAT32, "a test");
  }
}
