package org.pointwise.spark;

import java.util.Locale;
import java.util.function.Supplier;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.AbstractFilter;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.PointwiseException;

/**
 * What reaches the log of this process, on top of however log4j2 is configured here.
 *
 * <p>A failure of ours is printed once, by the command that ends with it; Spark would print it
 * again with a stack trace for every attempt of every task.
 */
public final class Logs {
  private static final String OURS = "org.pointwise";

  private static volatile boolean stopping;
  private static volatile boolean starting;

  private Logs() {}

  /** Sets the level of our own loggers. */
  public static void level(String level) {
    Configurator.setLevel(OURS, Level.valueOf(level.toUpperCase(Locale.ROOT)));
  }

  /** The level that was chosen for our own loggers; null where it is that of all others. */
  static @Nullable String chosenLevel() {
    LoggerConfig config = context().getConfiguration().getLoggerConfig(OURS);
    return config.getName().equals(OURS) ? config.getLevel().name() : null;
  }

  /** Keeps Spark from logging failures of ours, unless our own loggers are at debug level. */
  static void reportFailuresOnce() {
    LoggerConfig root = context().getConfiguration().getRootLogger();
    if (!(root.getFilter() instanceof AlreadyReported)) {
      root.addFilter(new AlreadyReported());
    }
  }

  /**
   * Runs what stops Spark, without what Spark logs meanwhile: tasks that are cut off report to a
   * scheduler that is gone, which is no news about the run.
   */
  static void whileStopping(Runnable stop) {
    stopping = true;
    try {
      stop.run();
    } finally {
      stopping = false;
    }
  }

  /** Starts Spark, without the traces that Spark logs of what it cannot start with. */
  static <T> T whileStarting(Supplier<T> start) {
    reportFailuresOnce();
    starting = true;
    try {
      return start.get();
    } finally {
      starting = false;
      reportFailuresOnce(); // Spark may have configured the log just now
    }
  }

  /** Nothing more. */
  public static void off() {
    Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
  }

  /** The failure of ours that another, such as Spark's, was caused by. */
  public static @Nullable PointwiseException ours(@Nullable Throwable e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause instanceof PointwiseException found) {
        return found;
      }
      cause = cause.getCause();
    }
    return null;
  }

  private static LoggerContext context() {
    return (LoggerContext) LogManager.getContext(false);
  }

  /**
   * Refuses what Spark logs about our failures and while it stops: to the root's appenders, and so
   * for all loggers.
   */
  private static final class AlreadyReported extends AbstractFilter {
    private static final String ERRORS = PointwiseException.class.getPackageName() + ".";

    @Override
    public Result filter(LogEvent event) {
      boolean told =
          event.getLoggerName().startsWith("org.apache.spark.")
              && !LogManager.getLogger(OURS).isDebugEnabled()
              && (stopping || (starting && event.getThrown() != null) || isOurs(event));
      return told ? Result.DENY : Result.NEUTRAL;
    }

    private static boolean isOurs(LogEvent event) {
      String text = event.getMessage().getFormattedMessage();
      return ours(event.getThrown()) != null
          || text.contains(ERRORS)
          || text.contains("TaskKilled (") // for a failure or a duplicate elsewhere
          || text.endsWith("aborting job"); // the failure that a command ends with
    }
  }
}
