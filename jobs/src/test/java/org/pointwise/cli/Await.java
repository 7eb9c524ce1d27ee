package org.pointwise.cli;

import java.util.concurrent.Callable;

/** Waits for events. */
final class Await {
  /** Ends a test whose event does not occur. It is no estimate of the waiting time. */
  private static final int MAX_MINUTES = 10;

  private static final long POLL_MILLIS = 20;

  private Await() {}

  /** Waits until {@code happened} returns true. */
  static void until(String description, Callable<Boolean> condition) throws Exception {
    for (long i = 0; i < MAX_MINUTES * 60_000 / POLL_MILLIS; i++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new AssertionError("It never came: " + description);
  }
}
