package org.pointwise.differential;

import java.util.List;

/** One option of a case and its values. */
record Option(String name, List<String> values) {
  static Option of(String name, String... values) {
    return new Option(name, List.of(values));
  }
}
