package org.pointwise.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Draws cases, one value per option, so that few cases contain every possible pair of values. Each
 * next case is the one of many drawn with most pairs that no earlier case had.
 */
final class PairwiseCases {
  private static final int CANDIDATES = 3000;

  private final Map<String, List<String>> options;
  private final UnaryOperator<Map<String, String>> normalise;
  private final Random random;
  private final List<Map<String, String>> drawn = new ArrayList<>();
  private final List<int[]> drawnPairs = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>(); // index of each pair
  private final BitSet possible = new BitSet();
  private final Map<Integer, Integer> occurrences = new HashMap<>(); // counts by pair
  private final BitSet any = new BitSet(); // pairs seen at least once

  /**
   * @param normalise turns a random draw into a valid case
   */
  PairwiseCases(
      Random random,
      Map<String, List<String>> options,
      UnaryOperator<Map<String, String>> normalise) {
    this.random = random;
    this.options = options;
    this.normalise = normalise;
    for (int i = 0; i < CANDIDATES; i++) {
      Map<String, String> one = draw();
      int[] pairs = pairs(one);
      drawn.add(one);
      drawnPairs.add(pairs);
      Arrays.stream(pairs).forEach(possible::set);
    }
  }

  private Map<String, String> draw() {
    Map<String, String> one = new LinkedHashMap<>();
    options.forEach((name, values) -> one.put(name, values.get(random.nextInt(values.size()))));
    return normalise.apply(one);
  }

  private int[] pairs(Map<String, String> one) {
    List<String> values = new ArrayList<>();
    one.forEach((name, value) -> values.add(name + "=" + value));
    int[] pairs = new int[values.size() * (values.size() - 1) / 2];
    int at = 0;
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < i; j++) {
        String pair = values.get(j) + " " + values.get(i);
        pairs[at++] = numbers.computeIfAbsent(pair, unknown -> numbers.size());
      }
    }
    return pairs;
  }

  Map<String, String> next() {
    Map<String, String> best = draw();
    int max = 0;
    if (any.cardinality() < possible.cardinality()) {
      for (int i = 0; i < drawn.size(); i++) {
        int fresh = 0;
        for (int pair : drawnPairs.get(i)) {
          fresh += any.get(pair) ? 0 : 1;
        }
        if (fresh > max) {
          max = fresh;
          best = drawn.get(i);
        }
      }
    }
    for (int pair : pairs(best)) {
      occurrences.merge(pair, 1, Integer::sum);
      any.set(pair);
    }
    return new LinkedHashMap<>(best);
  }

  /** Returns the possible pairs that no case had. */
  Set<String> missing() {
    Set<String> missing = new HashSet<>();
    numbers.forEach(
        (pair, number) -> {
          if (possible.get(number) && !any.get(number)) {
            missing.add(pair);
          }
        });
    return missing;
  }

  @Override
  public String toString() {
    int min = missing().isEmpty() ? Collections.min(occurrences.values()) : 0;
    int all = Math.max(possible.cardinality(), any.cardinality());
    return "%d of %d pairs of option values, each at least %d times"
        .formatted(any.cardinality(), all, min);
  }
}
