package org.pointwise.differential;

import java.util.List;

/** One thing that a case chooses, and the values among which it does. */
record Option(String name, List<String> values) {
  static Option of(String name, String... values) {
    return new Option(name, List.of(values));
  }
}
