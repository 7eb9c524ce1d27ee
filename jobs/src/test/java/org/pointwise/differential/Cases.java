package org.pointwise.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Draws cases by number. Numbers form blocks of {@link #BLOCK}, and a case depends on the previous
 * cases of its block: of several candidates, the one that adds most to the rarest pairs of values
 * is taken. So every pair occurs often enough in every block.
 */
final class Cases {
  static final int BLOCK = 640;

  /** The smallest count of each pair of values in a block. */
  static final int EACH_PAIR = 10;

  /** The smallest count of each pair with a rare value in a block. */
  static final int EACH_RARE_PAIR = 2;

  /** One of this many cases has a rare value; one of {@link #REFUSED_ONE_IN} must be refused. */
  private static final int RARELY = 20;

  private static final int REFUSED_ONE_IN = 40;
  private static final int CANDIDATES = 24;
  private static final int ATTEMPTS = 100;

  private static final Map<String, List<Rule>> IMPOSSIBLE = byOption(Options.IMPOSSIBLE);
  private static final Map<String, List<Rule>> REFUSED = byOption(Options.REFUSED);

  private static volatile List<Case> recent = List.of();

  private Cases() {}

  /** Returns the rules by the options that they mention. */
  private static Map<String, List<Rule>> byOption(List<Rule> rules) {
    return Options.ALL.stream()
        .collect(
            Collectors.toMap(
                Option::name,
                option -> rules.stream().filter(rule -> rule.mentions(option)).toList()));
  }

  /** Returns a block's cases in order. */
  static List<Case> block(long block) {
    for (int salt = 0; salt < ATTEMPTS; salt++) {
      List<Case> cases = block(block, salt);
      if (pairs(cases).incompletePairs().isEmpty()) {
        return cases;
      }
    }
    throw new IllegalStateException(
        "Some pairs of values remain too few: " + pairs(block(block, 0)).incompletePairs());
  }

  private static List<Case> block(long block, int salt) {
    PairCounts pairs = new PairCounts();
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < BLOCK; i++) {
      long number = block * BLOCK + i;
      Random random = random(number ^ (long) salt << 48);
      boolean refused = i % REFUSED_ONE_IN == 0;
      Map<String, String> values =
          refused ? refused(random) : best(pairs, random, i % RARELY == RARELY - 1);
      if (!refused) {
        pairs.add(values);
      }
      cases.add(new Case(number, random.nextLong() >>> 16, values));
    }
    return cases;
  }

  private static Random random(long number) {
    return new Random(number * 0x9E3779B97F4A7C15L); // neighbours differ in many bits
  }

  /** Returns the case of that number. */
  static Case testCase(long number) {
    long block = Math.floorDiv(number, (long) BLOCK);
    List<Case> cases = recent;
    if (cases.isEmpty() || cases.get(0).number() != block * BLOCK) {
      cases = block(block);
      recent = cases;
    }
    return cases.get((int) (number - block * BLOCK));
  }

  /** Counts the pairs of a block's accepted cases. */
  static PairCounts pairs(List<Case> block) {
    PairCounts pairs = new PairCounts();
    for (Case testCase : block) {
      if (Options.REFUSED.stream().noneMatch(rule -> rule.holds(testCase.values()))) {
        pairs.add(testCase.values());
      }
    }
    return pairs;
  }

  /** Returns a case with these values, drawn without regard to pairs. */
  static Case withForced(long number, Map<String, String> forced) {
    Random random = random(number);
    return new Case(number, random.nextLong() >>> 16, drawUntilAccepted(random, forced, true));
  }

  private static Map<String, String> best(PairCounts pairs, Random random, boolean rare) {
    Map<String, String> rarest = pairs.rarestPair(rare);
    Map<String, String> best = null;
    double max = -1;
    for (int i = 0; i < CANDIDATES; i++) {
      Map<String, String> forced = new HashMap<>(rare ? Options.RARE : Map.of());
      if (i % 2 == 0) {
        forced.putAll(rarest);
      }
      Map<String, String> candidate = drawUntilAccepted(random, forced, true);
      double gain = pairs.gain(candidate);
      if (gain > max) {
        max = gain;
        best = candidate;
      }
    }
    if (best == null) {
      throw new IllegalStateException("No candidates");
    }
    return best;
  }

  private static Map<String, String> refused(Random random) {
    while (true) {
      Map<String, String> values = drawUntilAccepted(random, Map.of(), false);
      if (Options.REFUSED.stream().anyMatch(rule -> rule.holds(values))) {
        return values;
      }
    }
  }

  /**
   * Chooses all options: first the forced ones, then each among the values that the rules allow.
   */
  private static Map<String, String> drawUntilAccepted(
      Random random, Map<String, String> forced, boolean accepted) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Map<String, String> chosen = attempt(random, forced, accepted);
      if (chosen != null) {
        return chosen;
      }
    }
    throw new IllegalStateException("No case has " + forced + ": add it to the impossible");
  }

  private static @Nullable Map<String, String> attempt(
      Random random, Map<String, String> forced, boolean accepted) {
    Map<String, String> chosen = new LinkedHashMap<>(forced);
    if (!allowed(chosen, accepted)) {
      return null;
    }
    for (Option option : Options.ALL) {
      if (!chosen.containsKey(option.name())) {
        List<String> allowed = new ArrayList<>();
        for (String value : option.values()) {
          chosen.put(option.name(), value);
          boolean rare = value.equals(Options.RARE.get(option.name()));
          if (!rare && allowed(option, chosen, accepted)) {
            allowed.add(value);
          }
        }
        if (allowed.isEmpty()) {
          return null;
        }
        chosen.put(option.name(), allowed.get(random.nextInt(allowed.size())));
      }
    }
    return chosen;
  }

  /** Returns whether the value of an option is allowed with the values chosen before. */
  private static boolean allowed(Option option, Map<String, String> chosen, boolean accepted) {
    return IMPOSSIBLE.get(option.name()).stream().noneMatch(rule -> rule.holds(chosen))
        && (!accepted || REFUSED.get(option.name()).stream().noneMatch(rule -> rule.holds(chosen)));
  }

  private static boolean allowed(Map<String, String> chosen, boolean accepted) {
    return Options.IMPOSSIBLE.stream().noneMatch(rule -> rule.holds(chosen))
        && (!accepted || Options.REFUSED.stream().noneMatch(rule -> rule.holds(chosen)));
  }
}
