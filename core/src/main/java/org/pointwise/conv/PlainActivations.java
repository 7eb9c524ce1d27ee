package org.pointwise.conv;

/**
 * Computes activations in float32, one number at a time. This class defines their bytes; {@link
 * VectorActivations} performs the same operations.
 *
 * <p>All are based on e^x for x ≤ 0: x = n·ln 2 + r, |r| ≤ ½·ln 2. A polynomial of degree 6
 * computes e^r − 1 with a relative error of 1.4·10⁻⁸. Then e^x = 2^n·(e^r − 1) + 2^n and e^x − 1 =
 * 2^n·(e^r − 1) + (2^n − 1), each with a relative error of at most 1.5·2⁻²⁴ (Cody and Waite,
 * "Software Manual for the Elementary Functions", 1980). log(1 + u), u ≤ 1, is 2·artanh(u / (2 +
 * u)), computed by an odd polynomial of degree 9 (4.6·10⁻⁹). The normal distribution is computed by
 * erfc(a) = e^(−a²)·p(1 / (1 + 0.3·a)), p of degree 9 (2·10⁻⁸). The coefficients minimise the
 * largest relative error (Lawson's iteration).
 */
final class PlainActivations {
  /** For smaller x, the result of e^x is 0: e^x is near or below the smallest normal float32. */
  static final float MIN = -87;

  static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts. The first part has few digits, so that its multiples are exact. */
  static final float LN2_HIGH = 0.693145752f;

  static final float LN2_LOW = 1.42860677e-6f;

  /** Adding this number rounds to an integer, which is then in the lowest bits. */
  static final float ROUND = 12582912; // 1.5 · 2^23

  static final int EXPONENT = 23;
  static final int ONE_BITS = 0x3f800000;

  static final float E2 = 0.5f;
  static final float E3 = 0.16666542f;
  static final float E4 = 0.04166628f;
  static final float E5 = 0.008366647f;
  static final float E6 = 0.0013946554f;

  static final float L3 = 0.6666641f;
  static final float L5 = 0.400217f;
  static final float L7 = 0.2799914f;
  static final float L9 = 0.28024465f;

  /** 0.3 · √½, the factor of |y| in the normal distribution, where a = |y|·√½. */
  static final float N = 0.21213203f;

  static final float N1 = 0.16919011f;
  static final float N2 = 0.17068471f;
  static final float N3 = 0.14852674f;
  static final float N4 = 0.21428524f;
  static final float N5 = -0.0933177f;
  static final float N6 = 0.5459885f;
  static final float N7 = -0.5109045f;
  static final float N8 = 0.48495382f;
  static final float N9 = -0.12940699f;

  static final float SIXTH = 1 / 6f;

  /** 2·√(2/π). */
  static final float GELU_1 = 1.5957691f;

  /** 2·√(2/π)·0.044715. */
  static final float GELU_3 = 0.07135481f;

  private PlainActivations() {}

  /** Applies the activation to a sum with its bias. */
  static float apply(float y, Activation activation) {
    if (Float.isNaN(y)) {
      return Float.NaN;
    }
    float a = activation.a();
    float b = activation.b();
    return switch (activation.kind()) {
      case NONE -> y;
      case CLIP -> y <= a ? a : y > b ? b : y;
      case LEAKYRELU -> y < 0 ? y * a : y;
      case PRELU -> throw new IllegalArgumentException("each channel has its own slope");
      case SIGMOID -> sigmoid(y);
      case TANH -> tanh(y);
      case HARDSIGMOID -> unit(Math.fma(y, a, b));
      case HARDSWISH -> bounded(y) * unit(Math.fma(bounded(y), SIXTH, 0.5f));
      case SILU -> bounded(y) * sigmoid(y);
      case GELU -> bounded(y) * normal(bounded(y));
      case GELU_TANH -> geluTanh(bounded(y));
      case ELU -> y < 0 ? a * expm1(y) : y;
      case SOFTPLUS -> (y > 0 ? y : 0) + log1p(exp(-Math.abs(y)));
    };
  }

  /** Replaces −∞ by the smallest finite number, so that the product with 0 is 0. */
  private static float bounded(float y) {
    return y < -Float.MAX_VALUE ? -Float.MAX_VALUE : y;
  }

  private static float unit(float y) {
    return y < 0 ? 0 : y > 1 ? 1 : y;
  }

  private static float sigmoid(float y) {
    float e = exp(-Math.abs(y));
    return (y < 0 ? e : 1) / (1 + e);
  }

  private static float tanh(float y) {
    float m = expm1(-2 * Math.abs(y));
    float t = (0 - m) / (2 + m);
    return y < 0 ? -t : t;
  }

  private static float normal(float y) {
    float a = Math.abs(y);
    float t = 1 / Math.fma(a, N, 1);
    float p = Math.fma(N9, t, N8);
    p = Math.fma(p, t, N7);
    p = Math.fma(p, t, N6);
    p = Math.fma(p, t, N5);
    p = Math.fma(p, t, N4);
    p = Math.fma(p, t, N3);
    p = Math.fma(p, t, N2);
    p = Math.fma(p, t, N1);
    float tail = p * t * exp(-0.5f * (a * a)) * 0.5f;
    return y < 0 ? tail : 1 - tail;
  }

  private static float geluTanh(float y) {
    return y * sigmoid(y * Math.fma(y * y, GELU_3, GELU_1));
  }

  private static float log1p(float u) {
    float t = u / (2 + u);
    float z = t * t;
    float p = Math.fma(L9, z, L7);
    p = Math.fma(p, z, L5);
    p = Math.fma(p, z, L3);
    return Math.fma(t * z, p, t + t);
  }

  /** Computes e^x for x ≤ 0. */
  private static float exp(float x) {
    float bounded = x < MIN ? MIN : x;
    float n = Math.fma(bounded, LOG2_E, ROUND);
    float e = Math.fma(scale(n), fraction(bounded, n), scale(n));
    return x < MIN ? 0 : e;
  }

  /** Computes e^x − 1 for x ≤ 0. */
  private static float expm1(float x) {
    float bounded = x < MIN ? MIN : x;
    float n = Math.fma(bounded, LOG2_E, ROUND);
    return Math.fma(scale(n), fraction(bounded, n), scale(n) - 1);
  }

  /** Computes 2^n. */
  private static float scale(float n) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(n) << EXPONENT) + ONE_BITS);
  }

  /** Computes e^r − 1. */
  private static float fraction(float x, float rounded) {
    float n = rounded - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(E6, r, E5);
    p = Math.fma(p, r, E4);
    p = Math.fma(p, r, E3);
    p = Math.fma(p, r, E2);
    return Math.fma(r * r, p, r);
  }
}
