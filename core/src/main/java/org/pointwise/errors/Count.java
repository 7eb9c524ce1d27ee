package org.pointwise.errors;

/** Writes numbers of things in messages. */
public final class Count {
  private Count() {}

  /**
   * Returns a number with its noun.
   *
   * @param noun in the singular; its plural ends in s
   * @return such as {@code 1 shard} or {@code 2 input chunks}
   */
  public static String of(long number, String noun) {
    return of(number, noun, noun + "s");
  }

  /** Returns a number with a noun whose plural, or whose verb, is given. */
  public static String of(long number, String one, String several) {
    return number + " " + (number == 1 ? one : several);
  }
}
