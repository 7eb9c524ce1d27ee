package org.pointwise.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.pointwise.plan.StoringPlan;
import org.pointwise.plan.UnitPlan;
import org.pointwise.work.Progress;

/**
 * Prints progress on stderr: redraws one line on a terminal, else prints a line every ten seconds.
 * Thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long TERMINAL_MILLIS = 200;
  private static final long LINE_MILLIS = 10_000;

  /**
   * The system property that the launcher sets on a terminal. System.console() cannot be used
   * because its meaning changed with JDK 22.
   */
  static final String TERMINAL = "pointwise.terminal";

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier millis;
  private final String unitName;
  private final long units;
  private final long pixels;
  private final long startMillis;
  private long lastPrintMillis;
  private long doneUnits;
  private long donePixels;
  private long doneBytes;

  ConsoleProgress(StoringPlan plan, String unitName) {
    this(
        plan.unitCount() - plan.firstUnit(),
        plan.input().pixels()
            / Math.max(1, plan.unitCount())
            * (plan.unitCount() - plan.firstUnit()),
        unitName);
  }

  /** Creates the progress of units whose number is unknown. */
  ConsoleProgress(String unitName) {
    this(0, 0, unitName);
  }

  /** Creates the progress of a plan whose units do not report pixels. */
  ConsoleProgress(UnitPlan plan, String unitName) {
    this(plan.unitCount(), 0, unitName);
  }

  private ConsoleProgress(long units, long pixels, String unitName) {
    this(
        units,
        pixels,
        unitName,
        System.err,
        Boolean.getBoolean(TERMINAL),
        System::currentTimeMillis);
  }

  /**
   * @param units 0 if the number is unknown
   * @param pixels 0 if they are not reported
   * @param millis the clock, in milliseconds
   */
  ConsoleProgress(
      long units,
      long pixels,
      String unitName,
      PrintStream err,
      boolean terminal,
      LongSupplier millis) {
    this.units = units;
    this.pixels = pixels;
    this.unitName = unitName;
    this.err = err;
    this.terminal = terminal;
    this.millis = millis;
    this.startMillis = millis.getAsLong();
    this.lastPrintMillis = startMillis;
  }

  @Override
  public synchronized void done(long addedUnits, long addedPixels, long addedBytes) {
    doneUnits += addedUnits;
    donePixels += addedPixels;
    doneBytes += addedBytes;
    if (TerminationSignals.received()) {
      return; // the line about the signal must stay the last
    }
    long now = millis.getAsLong();
    if (doneUnits > 0 && now - lastPrintMillis >= (terminal ? TERMINAL_MILLIS : LINE_MILLIS)) {
      lastPrintMillis = now;
      print(now, terminal ? "\r" : "", terminal ? "\033[K" : "\n");
    }
  }

  private void print(long now, String prefix, String suffix) {
    double seconds = (now - startMillis) / 1000.0;
    if (units == 0) {
      err.printf(Locale.ROOT, "%s%d %s%s", prefix, doneUnits, unitName, suffix);
      err.flush();
      return;
    }
    if (pixels == 0) {
      long remainingSeconds = (long) (seconds * (units - doneUnits) / doneUnits);
      err.printf(
          Locale.ROOT,
          "%s%d/%d %s  ETA %d:%02d%s",
          prefix,
          doneUnits,
          units,
          unitName,
          remainingSeconds / 60,
          remainingSeconds % 60,
          suffix);
      err.flush();
      return;
    }
    long remainingSeconds = (long) (seconds * (pixels - donePixels) / Math.max(1, donePixels));
    err.printf(
        Locale.ROOT,
        "%s%d/%d %s  %.1f of %.1f Mpixel  %s/s  ETA %d:%02d%s",
        prefix,
        doneUnits,
        units,
        unitName,
        donePixels / 1e6,
        pixels / 1e6,
        Sizes.text((long) (doneBytes / seconds)),
        remainingSeconds / 60,
        remainingSeconds % 60,
        suffix);
    err.flush();
  }

  @Override
  public synchronized void close() {
    if (terminal && !TerminationSignals.received()) {
      err.print("\r\033[K");
    }
  }
}
