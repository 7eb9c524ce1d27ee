package org.pointwise.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pointwise.spark.Logs;
import sun.misc.Signal;

/**
 * Ends this process on SIGINT or SIGTERM: prints one line on stderr, then lets the JVM and Spark
 * shut down silently, with 128 + the signal's number as the exit code.
 *
 * <p>Errors that the shutdown of Spark causes do not describe the run, so they are not printed. The
 * signal handler runs before all shutdown hooks, which the JVM starts in no defined order.
 */
final class TerminationSignals {
  private static final AtomicBoolean RECEIVED = new AtomicBoolean();

  private TerminationSignals() {}

  /** Replaces the signal handlers of the JVM. A signal that this process ignores stays ignored. */
  static void install() {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), TerminationSignals::exit);
      } catch (IllegalArgumentException e) {
        // with -Xrs the operating system's default action ends the JVM
      }
    }
  }

  /** Returns whether a signal is ending the process. */
  static boolean received() {
    return RECEIVED.get();
  }

  private static void exit(Signal signal) {
    if (RECEIVED.compareAndSet(false, true)) {
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
