package org.pointwise.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Counts every pair of values of two options. */
final class PairCounts {
  /** The wanted count of each pair, by the numbers of its values; 0 if the pair is impossible. */
  private static final int[][] WANTED = wanted();

  /** Rare pairs have few opportunities, so that they take precedence over all others. */
  private static final int RARE_WEIGHT = 100;

  private final int[][] counts = new int[WANTED.length][WANTED.length];

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

  private static int[][] wanted() {
    int[][] wanted = new int[Value.ALL.size()][Value.ALL.size()];
    for (int i = 0; i < wanted.length; i++) {
      for (int j = 0; j < i; j++) {
        Value a = Value.ALL.get(i);
        Value b = Value.ALL.get(j);
        if (!a.option().equals(b.option()) && possible(a.with(b))) {
          wanted[i][j] = a.rare() || b.rare() ? Cases.EACH_RARE_PAIR : Cases.EACH_PAIR;
        }
      }
    }
    return wanted;
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
        int wanted = WANTED[numbers[i]][numbers[j]];
        int lacking = Math.max(0, wanted - counts[numbers[i]][numbers[j]]);
        double share = lacking / Math.max(1.0, wanted);
        gain += share * share * (wanted == Cases.EACH_RARE_PAIR ? RARE_WEIGHT : 1);
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
  Map<String, String> neediest(boolean rare) {
    double max = -1;
    Map<String, String> found = Map.of();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        boolean fits = WANTED[i][j] == (rare ? Cases.EACH_RARE_PAIR : Cases.EACH_PAIR);
        double lacking = 1 - (double) counts[i][j] / WANTED[i][j];
        if (fits && lacking > max) {
          max = lacking;
          found = Value.ALL.get(i).with(Value.ALL.get(j));
        }
      }
    }
    return found;
  }

  /** Returns the pairs below their wanted count, with their counts. */
  List<String> tooFew() {
    List<String> few = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        if (counts[i][j] < WANTED[i][j]) {
          few.add(Value.ALL.get(i).with(Value.ALL.get(j)) + ": " + counts[i][j]);
        }
      }
    }
    return few;
  }

  /** Returns a summary for people. */
  String summary() {
    int pairs = 0;
    int min = Integer.MAX_VALUE;
    int leastRare = Integer.MAX_VALUE;
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < i; j++) {
        pairs += WANTED[i][j] > 0 ? 1 : 0;
        if (WANTED[i][j] == Cases.EACH_PAIR) {
          min = Math.min(min, counts[i][j]);
        } else if (WANTED[i][j] > 0) {
          leastRare = Math.min(leastRare, counts[i][j]);
        }
      }
    }
    return "%d pairs of values, each at least %d times, a rare one %d times"
        .formatted(pairs, min, leastRare);
  }
}
