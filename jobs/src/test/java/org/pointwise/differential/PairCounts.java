package org.pointwise.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Counts every pair of values of two options. */
final class PairCounts {
  /** The wanted count of each pair, by the numbers of its values; 0 if the pair is impossible. */
  private static final int[][] REQUIRED = required();

  /** Rare pairs have few opportunities, so that they take precedence over all others. */
  private static final int RARE_WEIGHT = 100;

  private final int[][] counts = new int[REQUIRED.length][REQUIRED.length];

  /** A value, numbered among the values of all options. */
  private record Value(String option, String value) {
    static final List<Value> ALL =
        Options.ALL.stream()
            .flatMap(
                option -> option.values().stream().map(value -> new Value(option.name(), value)))
            .toList();

    Map<String, String> with(Value other) {
      return Map.of(option, value, other.option, other.value);
    }

    boolean rare() {
      return value.equals(Options.RARE.get(option));
    }
  }

  private static int[][] required() {
    int[][] required = new int[Value.ALL.size()][Value.ALL.size()];
    for (int i = 0; i < required.length; i++) {
      for (int j = 0; j < i; j++) {
        Value a = Value.ALL.get(i);
        Value b = Value.ALL.get(j);
        if (!a.option().equals(b.option()) && possible(a.with(b))) {
          required[i][j] = a.rare() || b.rare() ? Cases.EACH_RARE_PAIR : Cases.EACH_PAIR;
        }
      }
    }
    return required;
  }

  private static boolean possible(Map<String, String> values) {
    return Options.IMPOSSIBLE.stream().noneMatch(rule -> rule.holds(values))
        && Options.REFUSED.stream().noneMatch(rule -> rule.holds(values));
  }

  /** Returns the numbers of a case's values, ascending. */
  private static int[] numbers(Map<String, String> values) {
    int[] numbers = new int[Options.ALL.size()];
    int first = 0;
    for (int i = 0; i < numbers.length; i++) {
      Option option = Options.ALL.get(i);
      numbers[i] = first + option.values().indexOf(values.get(option.name()));
      first += option.values().size();
    }
    return numbers;
  }

  /** Returns the contribution of a case to missing pairs, largest for the pairs that lack most. */
  double gain(Map<String, String> values) {
    double gain = 0;
    int[] numbers = numbers(values);
    for (int i = 0; i < numbers.length; i++) {
      for (int j = 0; j < i; j++) {
        int required = REQUIRED[numbers[i]][numbers[j]];
        int missing = Math.max(0, required - counts[numbers[i]][numbers[j]]);
        double share = missing / Math.max(1.0, required);
        gain += share * share * (required == Cases.EACH_RARE_PAIR ? RARE_WEIGHT : 1);
      }
    }
    return gain;
  }

  void add(Map<String, String> values) {
    int[] numbers = numbers(values);
    for (int i = 0; i < numbers.length; i++) {
      for (int j = 0; j < i; j++) {
        counts[numbers[i]][numbers[j]]++;
      }
    }
  }

  /** Returns the values of the pair that lacks most; rare pairs only if {@code rare}. */
  Map<String, String> rarestPair(boolean rare) {
    double max = -1;
    Map<String, String> found = Map.of();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        boolean fits = REQUIRED[i][j] == (rare ? Cases.EACH_RARE_PAIR : Cases.EACH_PAIR);
        double missing = 1 - (double) counts[i][j] / REQUIRED[i][j];
        if (fits && missing > max) {
          max = missing;
          found = Value.ALL.get(i).with(Value.ALL.get(j));
        }
      }
    }
    return found;
  }

  /** Returns the pairs below their wanted count, with their counts. */
  List<String> incompletePairs() {
    List<String> incomplete = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        if (counts[i][j] < REQUIRED[i][j]) {
          incomplete.add(Value.ALL.get(i).with(Value.ALL.get(j)) + ": " + counts[i][j]);
        }
      }
    }
    return incomplete;
  }

  /** Returns a summary for people. */
  String summary() {
    int pairs = 0;
    int min = Integer.MAX_VALUE;
    int minRare = Integer.MAX_VALUE;
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        pairs += REQUIRED[i][j] > 0 ? 1 : 0;
        if (REQUIRED[i][j] == Cases.EACH_PAIR) {
          min = Math.min(min, counts[i][j]);
        } else if (REQUIRED[i][j] > 0) {
          minRare = Math.min(minRare, counts[i][j]);
        }
      }
    }
    return "%d pairs of values, each at least %d times, a rare one %d times"
        .formatted(pairs, min, minRare);
  }
}
