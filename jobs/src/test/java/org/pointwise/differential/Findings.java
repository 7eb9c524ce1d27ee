package org.pointwise.differential;

import java.util.ArrayList;
import java.util.List;

/** The findings of a case. */
final class Findings {
  /**
   * One finding.
   *
   * @param label the kind of error: equal for findings that may have the same cause
   * @param detail of this case
   */
  record Finding(String label, String detail) {
    /** Returns a text that is equal for findings differing only in numbers, names and paths. */
    String signature() {
      String first = (label + ": " + detail.strip()).lines().findFirst().orElse(label);
      String plain =
          first
              .replaceAll("(/[^\\s:;,/]+)+", "PATH")
              .replaceAll("\\[[^\\]]*\\]|'[^']*'|\\([^)]*\\d[^)]*\\)", "…")
              .replaceAll("\\b(u?int|b?float)\\d+|(BIG|LITTLE)_ENDIAN", "TYPE")
              .replaceAll("\\b[0-9a-f]{5,}\\b", "#")
              .replaceAll("(?<![A-Za-z0-9])[-+]?\\d[\\w.+-]*|\\bnan\\b|-?\\binf\\b", "#");
      return plain.length() > 180 ? plain.substring(0, 180) : plain;
    }
  }

  private final List<Finding> all = new ArrayList<>();

  void add(String label, String detail) {
    all.add(new Finding(label, detail.strip()));
  }

  boolean none() {
    return all.isEmpty();
  }

  List<Finding> all() {
    return List.copyOf(all);
  }
}
