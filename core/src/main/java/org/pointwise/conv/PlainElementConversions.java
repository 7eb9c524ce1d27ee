package org.pointwise.conv;

import static org.pointwise.tensor.ElementAccess.float32At;
import static org.pointwise.tensor.ElementAccess.putFloat32;

import java.nio.ByteOrder;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;

/** Converts one number at a time. Runs of little-endian float32 are copied. */
final class PlainElementConversions implements ElementConversions {
  /** The largest finite numbers of binary16 and bfloat16. */
  static final float FLOAT16_MAX = 65504;

  static final float BFLOAT16_MAX = Float.intBitsToFloat(0x7f7f0000);

  /**
   * The smallest magnitudes that round to infinity, for binary16 and bfloat16: half a unit above
   * the largest finite number.
   */
  static final float FLOAT16_ROUNDS_UP = 65520;

  static final float BFLOAT16_ROUNDS_UP = Float.intBitsToFloat(0x7f7f8000);

  @Override
  public void decode(
      byte[] stored,
      int at,
      int lineStep,
      int lines,
      int step,
      int count,
      ElementType type,
      ByteOrder order,
      byte[] packed,
      int packedAt,
      int packedLineStep) {
    boolean littleEndian = order == ByteOrder.LITTLE_ENDIAN;
    for (int line = 0; line < lines; line++) {
      int from = at + line * lineStep;
      int to = packedAt + line * packedLineStep;
      if (type == ElementType.FLOAT32 && littleEndian && step == Float.BYTES) {
        System.arraycopy(stored, from, packed, to, count * Float.BYTES);
      } else {
        ByteOrder constant = littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        for (int i = 0; i < count; i++) {
          float value =
              type == ElementType.FLOAT64
                  ? saturated(ElementAccess.doubleAt(stored, from + i * step, type, constant))
                  : ElementAccess.floatAt(stored, from + i * step, type, constant);
          putFloat32(packed, to + i * Float.BYTES, value);
        }
      }
    }
  }

  /**
   * Returns the nearest float32; for a finite number beyond the range, the largest float32 of the
   * same sign.
   */
  private static float saturated(double value) {
    float nearest = (float) value;
    return Float.isInfinite(nearest) && Double.isFinite(value)
        ? Math.copySign(Float.MAX_VALUE, nearest)
        : nearest;
  }

  @Override
  public void packPanels(
      byte[] packed, int at, int count, float[] values, int valuesAt, int width, int step) {
    for (int i = 0; i < count; i++) {
      values[valuesAt + i / width * step + i % width] = float32At(packed, at + i * Float.BYTES);
    }
  }

  @Override
  public void scale(byte[] packed, int at, int count, float scale, float offset) {
    for (int i = at; i < at + count * Float.BYTES; i += Float.BYTES) {
      putFloat32(packed, i, float32At(packed, i) * scale + offset);
    }
  }

  @Override
  public void scale(byte[] packed, int at, int count, float[] scales, float[] offsets, int first) {
    for (int i = 0; i < count; i++) {
      int place = at + i * Float.BYTES;
      float value = float32At(packed, place) * scales[first + i] + offsets[first + i];
      putFloat32(packed, place, value);
    }
  }

  @Override
  public boolean contains(byte[] packed, int at, int count, float value) {
    for (int i = at; i < at + count * Float.BYTES; i += Float.BYTES) {
      if (same(float32At(packed, i), value)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void mark(byte[] packed, int at, int count, float value, boolean[] mask, int maskAt) {
    for (int i = 0; i < count; i++) {
      mask[maskAt + i] |= same(float32At(packed, at + i * Float.BYTES), value);
    }
  }

  private static boolean same(float element, float value) {
    return element == value || (Float.isNaN(value) && Float.isNaN(element));
  }

  @Override
  public boolean finite(byte[] packed, int at, int count) {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(float32At(packed, at + i * Float.BYTES))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void packCentred(
      byte[] packed,
      int at,
      int step,
      int count,
      int width,
      float[] shift,
      int channel,
      float[] panel,
      int panelAt,
      BlockStatistics statistics) {
    for (int i = 0; i < width; i++) {
      double sum = 0;
      float min = Float.POSITIVE_INFINITY;
      float max = Float.NEGATIVE_INFINITY;
      float zeros = 0;
      for (int k = 0; k < count; k++) {
        float x = float32At(packed, at + k * step + i * Float.BYTES);
        float centred = x - shift[channel + i];
        panel[panelAt + k * width + i] = centred;
        sum += centred;
        min = Math.min(min, x);
        max = Math.max(max, x);
        zeros += x == 0 ? 1 : 0;
      }
      statistics.sum()[channel + i] = sum;
      statistics.min()[channel + i] = min;
      statistics.max()[channel + i] = max;
      statistics.zeros()[channel + i] = zeros;
    }
  }

  @Override
  public void transpose(
      float[] values,
      int at,
      int[] steps,
      int lines,
      int count,
      byte[] packed,
      int packedAt,
      int lineStep) {
    for (int line = 0; line < lines; line++) {
      for (int k = 0; k < count; k++) {
        putFloat32(
            packed, packedAt + line * lineStep + k * Float.BYTES, values[at + k * steps[1] + line]);
      }
    }
  }

  @Override
  public int encode(
      float[] values,
      int from,
      int lineStep,
      int lines,
      int count,
      Overflow overflow,
      ElementType type,
      byte[] stored,
      int at,
      int storedLineStep,
      int step) {
    float limit = limit(type);
    float roundsUp = type == ElementType.FLOAT16 ? FLOAT16_ROUNDS_UP : BFLOAT16_ROUNDS_UP;
    int overflowed = 0;
    for (int line = 0; line < lines; line++) {
      for (int i = 0; i < count; i++) {
        float value = values[from + line * lineStep + i];
        if (limit < Float.MAX_VALUE) {
          float magnitude = Math.abs(value);
          if (magnitude >= roundsUp && magnitude <= Float.MAX_VALUE) {
            overflowed++;
            value = overflow == Overflow.SATURATE ? Math.copySign(limit, value) : value;
          }
        }
        ElementAccess.putFloat(stored, at + line * storedLineStep + i * step, type, value);
      }
    }
    return overflowed;
  }

  private static float limit(ElementType type) {
    return switch (type) {
      case FLOAT16 -> FLOAT16_MAX;
      case BFLOAT16 -> BFLOAT16_MAX;
      default -> Float.MAX_VALUE;
    };
  }
}
