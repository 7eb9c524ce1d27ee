package org.pointwise.testing;

import java.util.Random;

/** The random seed of tests: a new one for each run, printed, or that of {@code -Dtests.seed}. */
public final class Seed {
  private static final String PROPERTY = "tests.seed";
  private static final long RANDOM_SEED = System.nanoTime();

  private static boolean used;

  static {
    System.out.println(
        "Random tests use seed " + value() + "; repeat with -Dtests.seed=" + value());
  }

  private Seed() {}

  public static long value() {
    String given = System.getProperty(PROPERTY, "");
    return given.isEmpty() ? RANDOM_SEED : Long.parseLong(given);
  }

  /** Sets the random seed of the following tests. */
  static void set(long seed) {
    System.setProperty(PROPERTY, Long.toString(seed));
  }

  /** Returns whether a number was drawn since the previous call. */
  static boolean wasUsed() {
    boolean found = used;
    used = false;
    return found;
  }

  /** Returns a generator for one test. */
  public static Random random(String test) {
    return new Generator(value() ^ test.hashCode());
  }

  /** Records that numbers are drawn. */
  private static final class Generator extends Random {
    private static final long serialVersionUID = 1;

    Generator(long seed) {
      super(seed);
    }

    @Override
    protected int next(int bits) {
      used = true;
      return super.next(bits);
    }
  }
}
