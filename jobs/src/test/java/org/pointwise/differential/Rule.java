package org.pointwise.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A conjunction of values, such as {@code layout=npy-file,npy-folder & codec=zstd}. It holds for a
 * case with one of the named values for each of the named options.
 */
final class Rule {
  private record Part(String option, Set<String> values) {}

  private final List<Part> parts;

  private Rule(List<Part> parts) {
    this.parts = parts;
  }

  static Rule of(String text) {
    List<Part> parts = new ArrayList<>();
    for (String part : text.split(" & ")) {
      int equals = part.indexOf('=');
      String option = part.substring(0, equals);
      Set<String> values = Set.of(part.substring(equals + 1).split(","));
      if (!Options.named(option).values().containsAll(values)) {
        throw new IllegalArgumentException("No such values: " + part);
      }
      parts.add(new Part(option, values));
    }
    return new Rule(List.copyOf(parts));
  }

  boolean mentions(Option option) {
    return parts.stream().anyMatch(part -> part.option().equals(option.name()));
  }

  /**
   * Returns whether the rule holds for the values chosen so far; false if an option is not chosen
   * yet.
   */
  boolean holds(Map<String, String> chosen) {
    for (Part part : parts) {
      String value = chosen.get(part.option());
      if (value == null || !part.values().contains(value)) {
        return false;
      }
    }
    return true;
  }
}
