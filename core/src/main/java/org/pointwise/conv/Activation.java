package org.pointwise.conv;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The function that follows the affine map, with its parameters. Immutable. Two activations are
 * equal if they compute the same function by the same formula. Each returns NaN for NaN.
 *
 * <p>The text form is a name and its parameters, joined by colons, such as {@code leakyrelu:0.1}.
 * {@link #parse} reads what {@link #toString} returns, except for the slopes of {@code prelu},
 * which are stored in files.
 *
 * <p>Kernels compute activations in float32, with the same bytes on every machine. They approximate
 * {@link #apply} with an error bounded by {@link #relativeError} and {@link #absoluteError}.
 */
public final class Activation {
  /** The functions, applied to y. */
  enum Kind {
    /** y. */
    NONE(0),
    /** min(max(y, a), b). */
    CLIP(2),
    /** a·y below 0, else y. */
    LEAKYRELU(1),
    /** a·y below 0, else y, with a slope a for each output channel: He et al. 2015. */
    PRELU(0),
    /** 1 / (1 + e^−y). */
    SIGMOID(0),
    TANH(0),
    /** min(max(a·y + b, 0), 1). */
    HARDSIGMOID(2),
    /** y · min(max(y/6 + 1/2, 0), 1): Howard et al. 2019. */
    HARDSWISH(0),
    /** y · sigmoid(y): Elfwing et al. 2017. */
    SILU(0),
    /** y · Φ(y), Φ the normal distribution function: Hendrycks and Gimpel 2016. */
    GELU(0),
    /** GELU with Φ(y) ≈ sigmoid(2·√(2/π)·(y + 0.044715·y³)). */
    GELU_TANH(0),
    /** a·(e^y − 1) below 0, else y: Clevert et al. 2015. */
    ELU(1),
    /** log(1 + e^y). */
    SOFTPLUS(0);

    final int parameters;

    Kind(int parameters) {
      this.parameters = parameters;
    }
  }

  private static final float INFINITY = Float.POSITIVE_INFINITY;

  public static final Activation NONE = new Activation(Kind.NONE, 0, 0, null);

  /** max(y, 0). */
  public static final Activation RELU = new Activation(Kind.CLIP, 0, INFINITY, null);

  /** min(max(y, 0), 6): Krizhevsky 2010, as in MobileNet. */
  public static final Activation RELU6 = new Activation(Kind.CLIP, 0, 6, null);

  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0, 0, null);
  public static final Activation TANH = new Activation(Kind.TANH, 0, 0, null);
  public static final Activation HARDSWISH = new Activation(Kind.HARDSWISH, 0, 0, null);
  public static final Activation SILU = new Activation(Kind.SILU, 0, 0, null);
  public static final Activation GELU = new Activation(Kind.GELU, 0, 0, null);
  public static final Activation GELU_TANH = new Activation(Kind.GELU_TANH, 0, 0, null);
  public static final Activation SOFTPLUS = new Activation(Kind.SOFTPLUS, 0, 0, null);

  /** The text forms, for help and error messages. */
  public static final String NAMES = ActivationText.FORMS;

  private final Kind kind;
  private final float a;
  private final float b;
  private final float @Nullable [] slopes;

  private Activation(Kind kind, float a, float b, float @Nullable [] slopes) {
    this.kind = kind;
    this.a = a + 0f; // no −0
    this.b = b + 0f;
    this.slopes = slopes;
  }

  /** Returns the function of a kind that has no parameters. */
  static Activation of(Kind kind) {
    return kind == Kind.NONE ? NONE : new Activation(kind, 0, 0, null);
  }

  /**
   * Returns min(max(y, {@code min}), {@code max}).
   *
   * @param min may be −∞
   * @param max may be ∞; at least {@code min}
   */
  public static Activation clip(float min, float max) {
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "clip:%s:%s must have a lower bound of at most its upper bound"
              .formatted(ActivationText.number(min), ActivationText.number(max)));
    }
    if (min == -INFINITY && max == INFINITY) {
      return NONE;
    }
    Activation clip = new Activation(Kind.CLIP, min, max, null);
    return clip.equals(RELU) ? RELU : clip.equals(RELU6) ? RELU6 : clip;
  }

  public static Activation leakyRelu(float alpha) {
    return alpha == 0 ? RELU : new Activation(Kind.LEAKYRELU, finite(alpha), 0, null);
  }

  public static Activation hardSigmoid(float alpha, float beta) {
    if (alpha == 0) {
      throw new IllegalArgumentException("hardsigmoid needs a slope other than 0");
    }
    return new Activation(Kind.HARDSIGMOID, finite(alpha), finite(beta), null);
  }

  public static Activation elu(float alpha) {
    return new Activation(Kind.ELU, finite(alpha), 0, null);
  }

  /**
   * Returns the activation that multiplies numbers below 0 by a slope.
   *
   * @param slopes one for all, or one for each output channel; copied
   */
  public static Activation prelu(float... slopes) {
    if (slopes.length == 0) {
      throw new IllegalArgumentException("prelu needs a slope");
    }
    for (float slope : slopes) {
      finite(slope);
    }
    return slopes.length == 1
        ? leakyRelu(slopes[0])
        : new Activation(Kind.PRELU, 0, 0, slopes.clone());
  }

  private static float finite(float parameter) {
    if (!Float.isFinite(parameter)) {
      throw new IllegalArgumentException("a parameter is " + parameter + " but must be finite");
    }
    return parameter;
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if {@code text} is not a text form; the message is the reason
   */
  public static Activation parse(String text) {
    return ActivationText.parse(text, null);
  }

  /**
   * Parses the text form.
   *
   * @param slopes of {@code prelu}, one for each output channel; null if there are none
   * @throws IllegalArgumentException if {@code text} is not a text form; the message is the reason
   */
  public static Activation parse(String text, float @Nullable [] slopes) {
    return ActivationText.parse(text, slopes);
  }

  /** Returns the text form, without the slopes of {@code prelu}. */
  @Override
  public String toString() {
    return ActivationText.format(this);
  }

  Kind kind() {
    return kind;
  }

  /** Returns the first parameter: a lower bound, a slope or a factor. */
  float a() {
    return a;
  }

  /** Returns the second parameter: an upper bound or an offset. */
  float b() {
    return b;
  }

  /** Returns a copy of the slopes by output channel; null if there are none. */
  public float @Nullable [] slopes() {
    return slopes == null ? null : slopes.clone();
  }

  /**
   * Returns whether the float32 result for a finite y is finite. Only a slope can make it infinite.
   */
  boolean keepsFinite(float y, int channel) {
    return switch (kind) {
      case LEAKYRELU -> y >= 0 || Float.isFinite(a * y);
      case PRELU -> y >= 0 || Float.isFinite(Objects.requireNonNull(slopes)[channel] * y);
      case NONE,
          CLIP,
          SIGMOID,
          TANH,
          HARDSIGMOID,
          HARDSWISH,
          SILU,
          GELU,
          GELU_TANH,
          ELU,
          SOFTPLUS ->
          true;
    };
  }

  /** Returns the largest magnitude of the slopes; 0 if there are none. */
  double largestSlope() {
    double largest = 0;
    for (int i = 0; slopes != null && i < slopes.length; i++) {
      largest = Math.max(largest, Math.abs(slopes[i]));
    }
    return largest;
  }

  /**
   * Returns whether the function is the identity or a bound on each side. Kernels apply such a
   * function together with the bias.
   */
  public boolean isClip() {
    return kind == Kind.NONE || kind == Kind.CLIP;
  }

  /** Returns whether the function maps many inputs to the same output, as a bound does. */
  public boolean repeats() {
    return kind == Kind.CLIP || kind == Kind.HARDSIGMOID || kind == Kind.HARDSWISH;
  }

  /** Returns the function for one output channel. */
  Activation ofChannel(int channel) {
    return slopes == null ? this : leakyRelu(slopes[channel]);
  }

  /**
   * Computes the function in float64.
   *
   * @param y a sum
   */
  public double apply(double y, int channel) {
    return ActivationMath.apply(this, y, channel);
  }

  /**
   * Computes Φ, the normal distribution function, with an error of at most 1e-16 of its largest
   * value.
   *
   * @param y any number
   */
  public static double normal(double y) {
    return ActivationMath.normal(y);
  }

  /**
   * Returns the Lipschitz constant: the largest factor by which the function enlarges a change of
   * y.
   */
  public double lipschitz() {
    return ActivationMath.lipschitz(this);
  }

  /**
   * Returns the relative error bound of kernels. For float32 y, a kernel's result differs from
   * {@link #apply} by at most this fraction of it plus {@link #absoluteError}.
   */
  public double relativeError() {
    return ActivationMath.relativeError(this);
  }

  /** Returns the absolute error bound of kernels; see {@link #relativeError}. */
  public double absoluteError() {
    return ActivationMath.absoluteError(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Activation that
        && kind == that.kind
        && a == that.a
        && b == that.b
        && Arrays.equals(slopes, that.slopes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, a, b, Arrays.hashCode(slopes));
  }
}
