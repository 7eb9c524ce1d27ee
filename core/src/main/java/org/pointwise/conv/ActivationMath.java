package org.pointwise.conv;

/**
 * The functions of {@link Activation} in float64, and the error bounds of kernels that approximate
 * them.
 */
final class ActivationMath {
  private ActivationMath() {}

  static double apply(Activation activation, double y, int channel) {
    if (Double.isNaN(y)) {
      return y;
    }
    double a = activation.a();
    double b = activation.b();
    double z = Math.max(-Double.MAX_VALUE, y); // avoids 0 · ∞
    return switch (activation.kind()) {
      case NONE -> y;
      case CLIP -> y <= a ? a : y > b ? b : y;
      case LEAKYRELU -> y < 0 ? a * y : y;
      case PRELU -> apply(activation.ofChannel(channel), y, channel);
      case SIGMOID -> sigmoid(y);
      case TANH -> Math.tanh(y);
      case HARDSIGMOID -> Math.max(0, Math.min(1, a * z + b));
      case HARDSWISH -> z * Math.max(0, Math.min(1, z / 6 + 0.5));
      case SILU -> z * sigmoid(z);
      case GELU -> z * normal(z);
      case GELU_TANH -> z * sigmoid(2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z));
      case ELU -> y < 0 ? a * Math.expm1(y) : y;
      case SOFTPLUS -> Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y)));
    };
  }

  private static double sigmoid(double y) {
    double e = Math.exp(-Math.abs(y));
    return y < 0 ? e / (1 + e) : 1 / (1 + e);
  }

  /**
   * Computes Φ, the normal distribution function, with an error of at most 1e-16 of its largest
   * value, by the series whose terms have one sign (Abramowitz and Stegun, 26.2.11).
   */
  static double normal(double y) {
    if (Math.abs(y) > 9) {
      return y < 0 ? 0 : 1;
    }
    double term = y;
    double sum = 0;
    for (int n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
      sum += term;
      term *= y * y / n;
    }
    return 0.5 + sum * Math.exp(-y * y / 2) / Math.sqrt(2 * Math.PI);
  }

  static double lipschitz(Activation activation) {
    return switch (activation.kind()) {
      case NONE, CLIP, TANH, SOFTPLUS -> 1;
      case LEAKYRELU, ELU -> Math.max(1, Math.abs(activation.a()));
      case PRELU -> Math.max(1, activation.largestSlope());
      case SIGMOID -> 0.25;
      case HARDSIGMOID -> Math.abs(activation.a());
      case HARDSWISH -> 1.5;
      case SILU -> 1.1; // 1.0998 at y = 2.4
      case GELU, GELU_TANH -> 1.13; // 1.1290 at y = √2
    };
  }

  static double relativeError(Activation activation) {
    return switch (activation.kind()) {
      case NONE, CLIP -> 0;
      case LEAKYRELU, PRELU -> 0x1p-24;
      case SIGMOID, TANH, HARDSIGMOID, HARDSWISH, SILU, GELU, GELU_TANH, ELU, SOFTPLUS -> 0x1p-21;
    };
  }

  static double absoluteError(Activation activation) {
    return switch (activation.kind()) {
      case NONE, CLIP -> 0;
      case LEAKYRELU, PRELU -> Float.MIN_VALUE;
      case HARDSIGMOID -> 0x1p-23 * Math.max(1, Math.abs(activation.b()));
      case HARDSWISH -> 0x1p-22;
      case GELU, GELU_TANH -> 0x1p-22;
      case ELU -> Float.MIN_NORMAL * Math.max(1, Math.abs(activation.a()));
      case SIGMOID, TANH, SILU, SOFTPLUS -> 0x1p-118; // kernels use 0 for e^y below −87
    };
  }
}
