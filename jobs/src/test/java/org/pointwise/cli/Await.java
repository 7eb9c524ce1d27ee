package org.pointwise.cli;

import java.util.concurrent.Callable;

/** Waits for events. */
final class Await {
  /** Ends a test whose event does not occur. It is no estimate of the waiting time. */
  private static final int MAX_MINUTES = 10;

  private static final long LOOK_MILLIS = 20;

  private Await() {}

  /** Waits until {@code happened} returns true. */
  static void until(String what, Callable<Boolean> happened) throws Exception {
    for (long i = 0; i < MAX_MINUTES * 60_000 / LOOK_MILLIS; i++) {
      if (happened.call()) {
        return;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    throw new AssertionError("It never came: " + what);
  }
}
