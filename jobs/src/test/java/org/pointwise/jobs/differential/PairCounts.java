package org.pointwise.jobs.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** How often every pair of values of two options occurred. */
final class PairCounts {
  /** Two values that can occur together, and how often they should. */
  record Pair(String option, String value, String other, String otherValue, int wanted) {
    Map<String, String> values() {
      return Map.of(option, value, other, otherValue);
    }

    @Override
    public String toString() {
      return "%s=%s with %s=%s".formatted(option, value, other, otherValue);
    }
  }

  private static final List<Pair> ALL = all();

  private final int[] counts = new int[ALL.size()];

  private static List<Pair> all() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < Options.ALL.size(); i++) {
      for (int j = 0; j < i; j++) {
        Option a = Options.ALL.get(i);
        Option b = Options.ALL.get(j);
        for (String value : a.values()) {
          for (String other : b.values()) {
            boolean rare = rare(a, value) || rare(b, other);
            Pair pair =
                new Pair(
                    a.name(),
                    value,
                    b.name(),
                    other,
                    rare ? Cases.EACH_RARE_PAIR : Cases.EACH_PAIR);
            if (possible(pair.values())) {
              pairs.add(pair);
            }
          }
        }
      }
    }
    return Collections.unmodifiableList(pairs);
  }

  private static boolean rare(Option option, String value) {
    return value.equals(Options.RARE.get(option.name()));
  }

  private static boolean possible(Map<String, String> values) {
    return Options.IMPOSSIBLE.stream().noneMatch(rule -> rule.holds(values))
        && Options.REFUSED.stream().noneMatch(rule -> rule.holds(values));
  }

  /** What a case would add to pairs that are still too few. */
  long gain(Map<String, String> values) {
    long gain = 0;
    for (int i = 0; i < counts.length; i++) {
      Pair pair = ALL.get(i);
      int lacking = pair.wanted() - counts[i];
      if (lacking > 0 && has(values, pair)) {
        gain += (long) lacking * lacking;
      }
    }
    return gain;
  }

  void add(Map<String, String> values) {
    for (int i = 0; i < counts.length; i++) {
      if (has(values, ALL.get(i))) {
        counts[i]++;
      }
    }
  }

  private static boolean has(Map<String, String> values, Pair pair) {
    return pair.value().equals(values.get(pair.option()))
        && pair.otherValue().equals(values.get(pair.other()));
  }

  /** The pair that lacks most. */
  Pair neediest() {
    int best = 0;
    for (int i = 1; i < counts.length; i++) {
      if (lacking(i) > lacking(best)) {
        best = i;
      }
    }
    return ALL.get(best);
  }

  private double lacking(int pair) {
    return 1 - (double) counts[pair] / ALL.get(pair).wanted();
  }

  /** Pairs that occurred less often than wanted, with the number. */
  List<String> tooFew() {
    List<String> few = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < ALL.get(i).wanted()) {
        few.add(ALL.get(i) + ": " + counts[i]);
      }
    }
    return few;
  }

  /** For people. */
  String summary() {
    int least = Integer.MAX_VALUE;
    int leastRare = Integer.MAX_VALUE;
    for (int i = 0; i < counts.length; i++) {
      if (ALL.get(i).wanted() == Cases.EACH_PAIR) {
        least = Math.min(least, counts[i]);
      } else {
        leastRare = Math.min(leastRare, counts[i]);
      }
    }
    return "%d pairs of values, each at least %d times (with Spark %d)"
        .formatted(counts.length, least, leastRare);
  }
}
