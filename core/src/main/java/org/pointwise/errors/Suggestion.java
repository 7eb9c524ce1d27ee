package org.pointwise.errors;

import java.util.Collection;
import java.util.Locale;

/** Suggests a name for a misspelt one in messages. */
public final class Suggestion {
  private Suggestion() {}

  /**
   * Returns a phrase with the name that differs least from a given one, by at most a third of its
   * characters.
   *
   * @return such as {@code ; did you mean features?}; empty if no name is similar, or several are
   */
  public static String of(String given, Collection<String> names) {
    String nearest = "";
    int least = given.length() / 3 + 1;
    for (String name : names) {
      int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = name;
      } else if (distance == least) {
        nearest = "";
      }
    }
    return nearest.isEmpty() ? "" : "; did you mean %s?".formatted(nearest);
  }

  /** Returns the Levenshtein distance. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
