package org.pointwise.conv;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.Numbers;

/**
 * What follows the affine map: a function and its parameters. Immutable; equal where it computes
 * the same by the same formula. NaN passes through each.
 *
 * <p>The text form is a name and its parameters, joined by colons, such as {@code leakyrelu:0.1};
 * {@link #parse} reads what {@link #toString} writes, but for the slopes of {@code prelu}, which
 * belong to files.
 *
 * <p>Kernels compute in float32, with the same bytes on every machine: {@link #apply} is what they
 * approximate, {@link #relativeError} and {@link #absoluteError} how well.
 */
public final class Activation {
  /** The functions; y is what they are applied to. */
  enum Kind {
    /** y. */
    NONE(0),
    /** min(max(y, a), b). */
    CLIP(2),
    /** a·y below 0, else y. */
    LEAKYRELU(1),
    /** The same with a slope for each output channel: He et al. 2015. */
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
    /** The same with Φ(y) ≈ sigmoid(2·√(2/π)·(y + 0.044715·y³)). */
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

  /** For help and errors. */
  public static final String NAMES =
      "none, relu, relu6, clip:LO:HI, leakyrelu:ALPHA, sigmoid, tanh, hardsigmoid:ALPHA:BETA,"
          + " hardswish, silu, gelu, gelu_tanh, elu:ALPHA, softplus";

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

  /**
   * Bounds on both sides.
   *
   * @param least may be −∞
   * @param most may be ∞; at least {@code least}
   */
  public static Activation clip(float least, float most) {
    if (!(least <= most)) {
      throw new IllegalArgumentException(
          "clip:%s:%s has no least bound below its largest".formatted(number(least), number(most)));
    }
    if (least == -INFINITY && most == INFINITY) {
      return NONE;
    }
    Activation clip = new Activation(Kind.CLIP, least, most, null);
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
   * Slopes below 0.
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
   * Reads the text form.
   *
   * @throws IllegalArgumentException with a reason when it is none
   */
  public static Activation parse(String text) {
    return parse(text, null);
  }

  /**
   * Reads the text form.
   *
   * @param slopes of {@code prelu}, one for each output channel; null where there are none
   * @throws IllegalArgumentException with a reason when it is none
   */
  public static Activation parse(String text, float @Nullable [] slopes) {
    List<String> words = List.of(text.toLowerCase(Locale.ROOT).split(":", -1));
    String name = words.get(0);
    int given = words.size() - 1;
    if (given == 0 && name.equals("relu")) {
      return RELU;
    }
    if (given == 0 && name.equals("relu6")) {
      return RELU6;
    }
    if (name.equals("prelu")) {
      if (given == 1) {
        return prelu(number(words.get(1), text));
      }
      if (slopes == null || given > 0) {
        throw new IllegalArgumentException(
            "prelu has a slope for each channel, which the weights file must hold;"
                + " for one slope write leakyrelu:ALPHA");
      }
      return prelu(slopes);
    }
    for (Kind kind : Kind.values()) {
      if (kind.name().equalsIgnoreCase(name)) {
        if (given != kind.parameters) {
          throw new IllegalArgumentException(
              "'%s' has %d parameters but needs %d".formatted(text, given, kind.parameters));
        }
        float a = given > 0 ? number(words.get(1), text) : 0;
        float b = given > 1 ? number(words.get(2), text) : 0;
        return switch (kind) {
          case CLIP -> clip(a, b);
          case LEAKYRELU -> leakyRelu(a);
          case HARDSIGMOID -> hardSigmoid(a, b);
          case ELU -> elu(a);
          case NONE -> NONE;
          default -> new Activation(kind, 0, 0, null);
        };
      }
    }
    throw new IllegalArgumentException("'%s' is none of %s".formatted(text, NAMES));
  }

  private static float number(String word, String text) {
    try {
      return Numbers.parseFloat(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' in '%s' is no number".formatted(word, text), e);
    }
  }

  private static String number(float value) {
    if (Float.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String text = Float.toString(value).toLowerCase(Locale.ROOT);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** The text form, without the slopes of {@code prelu}. */
  @Override
  public String toString() {
    if (equals(RELU)) {
      return "relu";
    }
    if (equals(RELU6)) {
      return "relu6";
    }
    String name = kind.name().toLowerCase(Locale.ROOT);
    return switch (kind.parameters) {
      case 0 -> name;
      case 1 -> name + ":" + number(a);
      default -> name + ":" + number(a) + ":" + number(b);
    };
  }

  Kind kind() {
    return kind;
  }

  /** The first parameter: a lower bound, a slope or a factor. */
  float a() {
    return a;
  }

  /** The second parameter: an upper bound or an offset. */
  float b() {
    return b;
  }

  /** The slopes by output channel, a copy; null where there are none. */
  public float @Nullable [] slopes() {
    return slopes == null ? null : slopes.clone();
  }

  /** Whether it is at most a bound on each side, which kernels apply together with the bias. */
  boolean isClip() {
    return kind == Kind.NONE || kind == Kind.CLIP;
  }

  /** What it is for one output channel. */
  Activation ofChannel(int channel) {
    return slopes == null ? this : leakyRelu(slopes[channel]);
  }

  /** The function itself, of a sum in float64. */
  public double apply(double y, int channel) {
    if (Double.isNaN(y)) {
      return y;
    }
    double z = Math.max(-Double.MAX_VALUE, y); // no 0 · ∞
    return switch (kind) {
      case NONE -> y;
      case CLIP -> y <= a ? a : y > b ? b : y;
      case LEAKYRELU -> y < 0 ? a * y : y;
      case PRELU -> ofChannel(channel).apply(y, channel);
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
   * Φ, the normal distribution function, to 1e-16 of its largest value, by the series whose terms
   * have one sign (Abramowitz and Stegun, 26.2.11).
   */
  public static double normal(double y) {
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

  /** The most that a change of y is enlarged by. */
  public double lipschitz() {
    return switch (kind) {
      case NONE, CLIP, TANH, SOFTPLUS -> 1;
      case LEAKYRELU, ELU -> Math.max(1, Math.abs(a));
      case PRELU -> {
        double most = 1;
        for (float slope : Objects.requireNonNull(slopes)) {
          most = Math.max(most, Math.abs(slope));
        }
        yield most;
      }
      case SIGMOID -> 0.25;
      case HARDSIGMOID -> Math.abs(a);
      case HARDSWISH -> 1.5;
      case SILU -> 1.1; // 1.0998 at y = 2.4
      case GELU, GELU_TANH -> 1.13; // 1.1290 at y = √2
    };
  }

  /**
   * A kernel's result for float32 y errs by at most this fraction of {@link #apply}, and {@link
   * #absoluteError} more.
   */
  public double relativeError() {
    return switch (kind) {
      case NONE, CLIP -> 0;
      case LEAKYRELU, PRELU -> 0x1p-24;
      default -> 0x1p-21;
    };
  }

  /** See {@link #relativeError}. */
  public double absoluteError() {
    return switch (kind) {
      case NONE, CLIP -> 0;
      case LEAKYRELU, PRELU -> Float.MIN_VALUE;
      case HARDSIGMOID -> 0x1p-23 * Math.max(1, Math.abs(b));
      case HARDSWISH -> 0x1p-22;
      case GELU, GELU_TANH -> 0x1p-22;
      case ELU -> Float.MIN_NORMAL * Math.max(1, Math.abs(a));
      default -> 0x1p-118; // e^y below −87 is taken as 0
    };
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
