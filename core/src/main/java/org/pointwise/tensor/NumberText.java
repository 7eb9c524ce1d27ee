package org.pointwise.tensor;

/** Parses numbers in the notations of users and other programs. */
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
