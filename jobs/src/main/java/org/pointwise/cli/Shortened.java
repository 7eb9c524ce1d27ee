package org.pointwise.cli;

import java.util.List;
import java.util.stream.Collectors;

/** Shortens long lists for display. */
final class Shortened {
  private static final int MAX_LENGTH = 60;
  private static final int MAX_ELEMENTS = 16;

  private Shortened() {}

  /** Returns numbers, or the first of many and their number. */
  static String list(List<Integer> numbers) {
    String text =
        numbers.stream().limit(MAX_ELEMENTS).map(String::valueOf).collect(Collectors.joining(","));
    return numbers.size() <= MAX_ELEMENTS
        ? text
        : "%s,… (%d in all)".formatted(text, numbers.size());
  }

  /** Returns the description of a part of an array, with the begin of its long lists of indexes. */
  static String part(String description) {
    return List.of(description.split(" ")).stream()
        .map(Shortened::indexes)
        .collect(Collectors.joining(" "));
  }

  private static String indexes(String list) {
    return list.length() <= MAX_LENGTH
        ? list
        : list.substring(0, list.lastIndexOf(',', MAX_LENGTH)) + ",…";
  }
}
