package org.pointwise.differential;

import java.util.Map;

/**
 * One case.
 *
 * @param number identifies and repeats the case
 * @param seed of the details
 * @param values by option
 */
record Case(long number, long seed, Map<String, String> values) {
  String value(String option) {
    String value = values.get(option);
    if (value == null) {
      throw new IllegalArgumentException("No option " + option);
    }
    return value;
  }

  /** Returns the command that repeats the case. */
  String reproducer(Kind kind) {
    return "scripts/differential --kind %s --seeds %d".formatted(kind, number);
  }
}
