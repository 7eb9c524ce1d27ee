package org.pointwise.testing;

import java.util.Random;

/** The seed of random tests: a new one each run, printed, or the one of {@code -Dtests.seed}. */
public final class Seed {
  private static final String PROPERTY = "tests.seed";
  private static final long DRAWN = System.nanoTime();

  static {
    System.out.println(
        "Random tests use seed " + value() + "; repeat with -Dtests.seed=" + value());
  }

  private Seed() {}

  public static long value() {
    String given = System.getProperty(PROPERTY, "");
    return given.isEmpty() ? DRAWN : Long.parseLong(given);
  }

  /** From now on this seed. */
  static void set(long seed) {
    System.setProperty(PROPERTY, Long.toString(seed));
  }

  /** A generator for one test. */
  public static Random random(String test) {
    return new Random(value() ^ test.hashCode());
  }
}
