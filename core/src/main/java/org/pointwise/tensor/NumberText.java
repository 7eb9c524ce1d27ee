package org.pointwise.tensor;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Numbers as text: parses the notations of users and other programs, and writes Java's. */
public final class NumberText {
  private NumberText() {}

  /**
   * Parses the syntax of {@link Double#parseDouble} and also {@code nan}, {@code inf} and {@code
   * infinity} in any case, with or without a sign.
   *
   * @throws NumberFormatException if the text is not a number
   */
  public static double parseDouble(String text) {
    return Double.parseDouble(inJava(text));
  }

  /**
   * Parses the syntax of {@link #parseDouble} to the nearest float32, without intermediate rounding
   * to float64.
   */
  public static float parseFloat(String text) {
    return Float.parseFloat(inJava(text));
  }

  /**
   * Returns the shortest text that is parsed to this number. {@link Double#toString} returns it
   * since Java 19, and often more digits before; what is stored or hashed must not depend on that.
   */
  public static String of(double number) {
    return NumberOutput.toString(number, true);
  }

  /** As {@link #of(double)}, for {@link Float#toString}. */
  public static String of(float number) {
    return NumberOutput.toString(number, true);
  }

  /** Returns all numbers, separated by commas, in brackets. */
  public static String of(double[] numbers) {
    return Arrays.stream(numbers).mapToObj(NumberText::of).toList().toString();
  }

  /** Returns all numbers, separated by commas, in brackets. */
  public static String of(float[] numbers) {
    return IntStream.range(0, numbers.length).mapToObj(i -> of(numbers[i])).toList().toString();
  }

  private static String inJava(String text) {
    String stripped = text.strip();
    String sign = stripped.startsWith("-") ? "-" : "";
    String unsigned =
        stripped.startsWith("-") || stripped.startsWith("+") ? stripped.substring(1) : stripped;
    if (unsigned.equalsIgnoreCase("nan")) {
      return "NaN";
    }
    return unsigned.equalsIgnoreCase("inf") || unsigned.equalsIgnoreCase("infinity")
        ? sign + "Infinity"
        : stripped;
  }
}
