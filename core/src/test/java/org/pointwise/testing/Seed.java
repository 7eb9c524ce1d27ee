package org.pointwise.testing;

import java.util.Random;

/** The seed of random tests: a new one each run, printed, or the one of {@code -Dtests.seed}. */
public final class Seed {
  private static final String PROPERTY = "tests.seed";
  private static final long DRAWN = System.nanoTime();

  private static boolean used;

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

  /** Whether a number was drawn since this was last called. */
  static boolean wasUsed() {
    boolean found = used;
    used = false;
    return found;
  }

  /** A generator for one test. */
  public static Random random(String test) {
    return new Generator(value() ^ test.hashCode());
  }

  /** Notes that it is used. */
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
