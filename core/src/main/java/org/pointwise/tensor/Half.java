package org.pointwise.tensor;

/**
 * Converts between float and IEEE 754 binary16 or bfloat16, which are held in integers. JDK 17 has
 * no such conversion.
 *
 * <p>Narrowing rounds to nearest, ties to even. NaN stays NaN (quiet). Numbers that are too large
 * become infinite.
 */
public final class Half {
  /** The largest finite binary16. */
  public static final float MAX = 65504;

  private static final int EXPONENT_BIAS_DIFFERENCE = 127 - 15;

  private Half() {}

  /** Returns the exact value of the binary16 in the low 16 bits of {@code half}. */
  public static float toFloat(int half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int bits =
        exponent == 0x1f
            ? 0x7f800000 | fraction << 13
            : (exponent + EXPONENT_BIAS_DIFFERENCE) << 23 | fraction << 13;
    return Float.intBitsToFloat(sign | bits);
  }

  /** Returns the nearest binary16. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) { // 65520 and above round to infinity
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: adding 0.5 lets the FPU round to 2^-24
      float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(shifted) - 0x3f000000));
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | ((rounded >>> 13) - (EXPONENT_BIAS_DIFFERENCE << 10)));
  }

  /** Returns the exact value of the bfloat16 in the low 16 bits of {@code bfloat}. */
  public static float bfloatToFloat(int bfloat) {
    return Float.intBitsToFloat(bfloat << 16);
  }

  /** Returns the nearest bfloat16. */
  public static short bfloatFromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) ((bits >>> 16 & 0x8000) | 0x7fc0);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}
