package org.pointwise.errors;

import java.util.regex.Pattern;

/** Text of messages, which may contain names from files that others wrote. */
public final class PrintableText {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\u2028\\u2029]");

  private PrintableText() {}

  /**
   * Returns the text with a question mark in place of each control character and line separator. A
   * terminal would interpret these characters.
   */
  public static String of(String text) {
    return CONTROL.matcher(text).replaceAll("?");
  }
}
