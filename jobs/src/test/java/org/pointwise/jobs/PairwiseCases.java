package org.pointwise.jobs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Draws cases, an option value each, so that few of them hold every pair of values that can occur
 * together: each next case is the one, of many drawn, with most pairs that no case had.
 */
final class PairwiseCases {
  private static final int DRAWN = 3000;

  private final Map<String, List<String>> options;
  private final UnaryOperator<Map<String, String>> settle;
  private final Random random;
  private final List<Map<String, String>> drawn = new ArrayList<>();
  private final Set<String> possible = new HashSet<>();
  private final Map<String, Integer> seen = new TreeMap<>();

  /**
   * @param settle turns a free draw into one that makes sense
   */
  PairwiseCases(
      Random random, Map<String, List<String>> options, UnaryOperator<Map<String, String>> settle) {
    this.random = random;
    this.options = options;
    this.settle = settle;
    for (int i = 0; i < DRAWN; i++) {
      Map<String, String> one = draw();
      drawn.add(one);
      possible.addAll(pairs(one));
    }
  }

  private Map<String, String> draw() {
    Map<String, String> one = new LinkedHashMap<>();
    options.forEach((name, values) -> one.put(name, values.get(random.nextInt(values.size()))));
    return settle.apply(one);
  }

  private static List<String> pairs(Map<String, String> one) {
    List<String> values = new ArrayList<>();
    one.forEach((name, value) -> values.add(name + "=" + value));
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < i; j++) {
        pairs.add(values.get(j) + " " + values.get(i));
      }
    }
    return pairs;
  }

  Map<String, String> next() {
    Map<String, String> best = draw();
    long most = 0;
    if (seen.size() < possible.size()) {
      for (Map<String, String> one : drawn) {
        long fresh = pairs(one).stream().filter(pair -> !seen.containsKey(pair)).count();
        if (fresh > most) {
          most = fresh;
          best = one;
        }
      }
    }
    pairs(best).forEach(pair -> seen.merge(pair, 1, Integer::sum));
    return new LinkedHashMap<>(best);
  }

  /** Pairs that can occur and no case had. */
  Set<String> missing() {
    Set<String> missing = new HashSet<>(possible);
    missing.removeAll(seen.keySet());
    return missing;
  }

  @Override
  public String toString() {
    int least = missing().isEmpty() ? Collections.min(seen.values()) : 0;
    int all = Math.max(possible.size(), seen.size());
    return "%d of %d pairs of option values, each at least %d times"
        .formatted(seen.size(), all, least);
  }
}
