package org.pointwise.conv;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.NumberText;

/**
 * Reads and writes the text form of an {@link Activation}: a name and its parameters, joined by
 * colons.
 */
final class ActivationText {
  static final String FORMS =
      "none, relu, relu6, clip:LO:HI, leakyrelu:ALPHA, sigmoid, tanh, hardsigmoid:ALPHA:BETA,"
          + " hardswish, silu, gelu, gelu_tanh, elu:ALPHA, softplus";

  private ActivationText() {}

  /**
   * Parses the text form.
   *
   * @param slopes of {@code prelu}, one for each output channel; null if there are none
   * @throws IllegalArgumentException if {@code text} is not a text form; the message is the reason
   */
  static Activation parse(String text, float @Nullable [] slopes) {
    List<String> words = List.of(text.toLowerCase(Locale.ROOT).split(":", -1));
    String name = words.get(0);
    int given = words.size() - 1;
    if (given == 0 && name.equals("relu")) {
      return Activation.RELU;
    }
    if (given == 0 && name.equals("relu6")) {
      return Activation.RELU6;
    }
    if (name.equals("prelu")) {
      if (given == 1) {
        return Activation.prelu(number(words.get(1), text));
      }
      if (slopes == null || given > 0) {
        throw new IllegalArgumentException(
            "prelu has a slope for each channel, which the weights file must hold;"
                + " for one slope write leakyrelu:ALPHA");
      }
      return Activation.prelu(slopes);
    }
    for (Activation.Kind kind : Activation.Kind.values()) {
      if (kind.name().equalsIgnoreCase(name)) {
        if (given != kind.parameters) {
          throw new IllegalArgumentException(
              "'%s' has %d parameters but needs %d".formatted(text, given, kind.parameters));
        }
        float a = given > 0 ? number(words.get(1), text) : 0;
        float b = given > 1 ? number(words.get(2), text) : 0;
        return switch (kind) {
          case CLIP -> Activation.clip(a, b);
          case LEAKYRELU -> Activation.leakyRelu(a);
          case HARDSIGMOID -> Activation.hardSigmoid(a, b);
          case ELU -> Activation.elu(a);
          case NONE, PRELU, SIGMOID, TANH, HARDSWISH, SILU, GELU, GELU_TANH, SOFTPLUS ->
              Activation.of(kind);
        };
      }
    }
    throw new IllegalArgumentException("'%s' is none of %s".formatted(text, FORMS));
  }

  private static float number(String word, String text) {
    try {
      return NumberText.parseFloat(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' in '%s' is no number".formatted(word, text), e);
    }
  }

  static String number(float value) {
    if (Float.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String text = NumberText.of(value).toLowerCase(Locale.ROOT);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  static String format(Activation activation) {
    if (activation.equals(Activation.RELU)) {
      return "relu";
    }
    if (activation.equals(Activation.RELU6)) {
      return "relu6";
    }
    Activation.Kind kind = activation.kind();
    String name = kind.name().toLowerCase(Locale.ROOT);
    return switch (kind.parameters) {
      case 0 -> name;
      case 1 -> name + ":" + number(activation.a());
      default -> name + ":" + number(activation.a()) + ":" + number(activation.b());
    };
  }
}
