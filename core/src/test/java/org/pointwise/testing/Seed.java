package org.pointwise.testing;

import java.util.Random;

/** The seed of random tests: a new one each run, printed, or the one of {@code -Dtests.seed}. */
public final class Seed {
  public static final long VALUE = choose();

  private Seed() {}

  private static long choose() {
    String given = System.getProperty("tests.seed", "");
    long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
    System.out.println("Random tests use seed " + seed + "; repeat with -Dtests.seed=" + seed);
    return seed;
  }

  /** A generator for one test. */
  public static Random random(String test) {
    return new Random(VALUE ^ test.hashCode());
  }
}
