package org.pointwise.conv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;

/**
 * Turns runs of stored numbers into float32: float32 side by side in one bulk copy, anything else
 * one by one.
 */
final class RunDecoder {
  private byte[] wrapped = {};
  private ByteBuffer buffer = ByteBuffer.wrap(wrapped);

  /**
   * Decodes {@code count} numbers, the first at byte {@code at}, each {@code step} bytes after the
   * last, to {@code out[outAt …]}.
   */
  void decode(
      byte[] bytes,
      int at,
      int step,
      int count,
      ElementType type,
      ByteOrder order,
      float[] out,
      int outAt) {
    if (type == ElementType.FLOAT32 && step == Float.BYTES) {
      bulk(bytes, at, count, order, out, outAt);
      return;
    }
    boolean little = order == ByteOrder.LITTLE_ENDIAN;
    switch (type) {
      case UINT8 -> {
        for (int i = 0; i < count; i++) {
          out[outAt + i] = bytes[at + i * step] & 0xff;
        }
      }
      case INT8 -> {
        for (int i = 0; i < count; i++) {
          out[outAt + i] = bytes[at + i * step];
        }
      }
      default -> {
        ByteOrder constant = little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        for (int i = 0; i < count; i++) {
          out[outAt + i] = Elements.floatAt(bytes, at + i * step, type, constant);
        }
      }
    }
  }

  private void bulk(byte[] bytes, int at, int count, ByteOrder order, float[] out, int outAt) {
    if (wrapped != bytes) {
      wrapped = bytes;
      buffer = ByteBuffer.wrap(bytes);
    }
    buffer.order(order).position(at).asFloatBuffer().get(out, outAt, count);
  }
}
