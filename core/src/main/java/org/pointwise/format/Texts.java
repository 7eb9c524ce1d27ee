package org.pointwise.format;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.pointwise.tensor.ElementAccess;

/** Decodes texts of fixed length, as NumPy stores them: zeros follow a shorter text. */
public final class Texts {
  private static final int REPLACEMENT = 0xFFFD;

  private Texts() {}

  /** Returns the text of UTF-32 in a range of bytes. */
  public static String ofCharacters(byte[] bytes, int from, int length, ByteOrder order) {
    StringBuilder text = new StringBuilder();
    int end = from + length;
    for (int at = from; at < end; at += Integer.BYTES) {
      int point = ElementAccess.intAt(bytes, at, order);
      text.appendCodePoint(Character.isValidCodePoint(point) ? point : REPLACEMENT);
    }
    while (!text.isEmpty() && text.charAt(text.length() - 1) == 0) {
      text.setLength(text.length() - 1);
    }
    return text.toString();
  }

  /** Returns the text of UTF-8 in a range of bytes. */
  static String ofBytes(byte[] bytes, int from, int length) {
    return new String(bytes, from, length(bytes, from, length), StandardCharsets.UTF_8);
  }

  /** Returns the number of bytes before the zeros at the end of a range. */
  public static int length(byte[] bytes, int from, int length) {
    int end = length;
    while (end > 0 && bytes[from + end - 1] == 0) {
      end--;
    }
    return end;
  }
}
