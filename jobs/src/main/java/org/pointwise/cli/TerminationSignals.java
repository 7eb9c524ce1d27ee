package org.pointwise.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pointwise.spark.Logs;
import sun.misc.Signal;

/**
 * Ends this process when SIGINT or SIGTERM comes: one line on stderr, then the JVM's and Spark's
 * own way down in silence, and 128 + the signal's number as the code.
 *
 * <p>What fails because Spark is being taken away under it says nothing of the run. A handler comes
 * before every shutdown hook, which the JVM starts in no order.
 */
final class TerminationSignals {
  private static final AtomicBoolean CAME = new AtomicBoolean();

  private TerminationSignals() {}

  /** Takes the place of the JVM's handlers. A signal that this process ignores stays ignored. */
  static void install() {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), TerminationSignals::end);
      } catch (IllegalArgumentException e) {
        // with -Xrs the signal ends the JVM by the system's own rule
      }
    }
  }

  /** Whether the process is ending for a signal. */
  static boolean came() {
    return CAME.get();
  }

  private static void end(Signal signal) {
    if (CAME.compareAndSet(false, true)) {
      Logs.off();
      System.err.println(
          (Boolean.getBoolean(ConsoleProgress.TERMINAL) ? "\r\033[K" : "")
              + "Interrupted; what is stored is whole, run the same command again to continue");
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      System.exit(128 + signal.getNumber());
    }
  }
}
