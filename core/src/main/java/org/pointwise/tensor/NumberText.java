package org.pointwise.tensor;

/** Numbers as people and other programs write them. */
public final class NumberText {
  private NumberText() {}

  /**
   * What Java reads, and {@code nan}, {@code inf} and {@code infinity} in any case, with a sign or
   * without.
   *
   * @throws NumberFormatException when it is no number
   */
  public static double parseDouble(String text) {
    return Double.parseDouble(inJava(text));
  }

  /** The float32 nearest to what {@link #parseDouble} would read were it exact. */
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
