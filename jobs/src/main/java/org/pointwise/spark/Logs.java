package org.pointwise.spark;

import java.net.URISyntaxException;
import java.net.URL;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.AbstractFilter;
import org.apache.logging.log4j.util.PropertiesUtil;
import org.apache.spark.internal.Logging$;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.PointwiseException;
import org.slf4j.LoggerFactory;

/**
 * Configures the log of this process if the user has not done so, and filters it.
 *
 * <p>A failure of this software is printed once, by the command that ends with it. Spark would
 * print it again with a stack trace for every attempt of every task.
 */
public final class Logs {
  private static final String LOGGER_NAME = "org.pointwise";

  /** The {@code conf/log4j2.properties} of the checkout. */
  private static final String CONFIGURATION = "/org/pointwise/log4j2.properties";

  /** The end of the location of the configuration that Spark uses if there is no other. */
  private static final String SPARK_DEFAULTS = "org/apache/spark/log4j2-defaults.properties";

  private static volatile boolean stopping;
  private static volatile boolean starting;

  private Logs() {}

  /**
   * Configures the log to contain only warnings and errors, unless the user has configured it by a
   * system property or by a file on the class path.
   */
  public static synchronized void configure() {
    if (PropertiesUtil.getProperties()
        .hasProperty(ConfigurationFactory.CONFIGURATION_FILE_PROPERTY)) {
      return;
    }
    LoggerContext context = context();
    Configuration current = context.getConfiguration();
    String location = String.valueOf(current.getConfigurationSource().getLocation());
    if (current instanceof DefaultConfiguration || location.endsWith(SPARK_DEFAULTS)) {
      URL configuration =
          Objects.requireNonNull(Logs.class.getResource(CONFIGURATION), CONFIGURATION);
      try {
        disableSparkDefaults();
        context.setConfigLocation(configuration.toURI());
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Clears Spark's note that the log has its default configuration: with it, Spark 4 applies the
   * default again when it starts. Spark has no public interface for this.
   */
  private static void disableSparkDefaults() {
    try {
      Logging$.MODULE$.org$apache$spark$internal$Logging$$defaultSparkLog4jConfig_$eq(false);
    } catch (LinkageError e) {
      LoggerFactory.getLogger(Logs.class).debug("This Spark may log more than warnings", e);
    }
  }

  /** Sets the level of the loggers of this software. */
  public static void level(String level) {
    Configurator.setLevel(LOGGER_NAME, Level.valueOf(level.toUpperCase(Locale.ROOT)));
  }

  /**
   * Returns the level that was set for the loggers of this software; null if they have that of all
   * other loggers.
   */
  static @Nullable String chosenLevel() {
    LoggerConfig config = context().getConfiguration().getLoggerConfig(LOGGER_NAME);
    return config.getName().equals(LOGGER_NAME) ? config.getLevel().name() : null;
  }

  /** Keeps Spark from logging failures of this software, unless its loggers are at debug level. */
  static void reportFailuresOnce() {
    LoggerConfig root = context().getConfiguration().getRootLogger();
    if (!(root.getFilter() instanceof AlreadyReported)) {
      root.addFilter(new AlreadyReported());
    }
  }

  /**
   * Runs code that stops Spark and suppresses what Spark logs meanwhile: interrupted tasks report
   * to a scheduler that no longer exists, which does not describe the run.
   */
  static void whileStopping(Runnable stop) {
    stopping = true;
    try {
      stop.run();
    } finally {
      stopping = false;
    }
  }

  /** Starts Spark and suppresses the stack traces that Spark logs if it cannot start. */
  static <T> T whileStarting(Supplier<T> start) {
    reportFailuresOnce();
    starting = true;
    try {
      return start.get();
    } finally {
      starting = false;
      reportFailuresOnce(); // Spark may have just configured the log
    }
  }

  /** Turns all loggers off. */
  public static void off() {
    Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
  }

  /**
   * Returns the failure of this software that is the cause of an exception, for example of Spark's;
   * null if there is none.
   */
  public static @Nullable PointwiseException pointwiseCause(@Nullable Throwable e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause instanceof PointwiseException failure) {
        return failure;
      }
      cause = cause.getCause();
    }
    return null;
  }

  private static LoggerContext context() {
    return (LoggerContext) LogManager.getContext(false);
  }

  /**
   * Rejects Spark's log events about failures of this software and while Spark stops. The filter is
   * at the root logger, so that it applies to all loggers.
   */
  private static final class AlreadyReported extends AbstractFilter {
    private static final String ERRORS_PACKAGE = PointwiseException.class.getPackageName() + ".";

    @Override
    public Result filter(LogEvent event) {
      boolean alreadyReported =
          event.getLoggerName().startsWith("org.apache.spark.")
              && !LogManager.getLogger(LOGGER_NAME).isDebugEnabled()
              && (stopping || (starting && event.getThrown() != null) || isPointwiseFailure(event));
      return alreadyReported ? Result.DENY : Result.NEUTRAL;
    }

    private static boolean isPointwiseFailure(LogEvent event) {
      String text = event.getMessage().getFormattedMessage();
      return pointwiseCause(event.getThrown()) != null
          || text.contains(ERRORS_PACKAGE)
          || text.startsWith("Initial job has not accepted any resources") // see ExecutorWait
          || text.contains("TaskKilled (") // because another task failed or a duplicate ended first
          || text.endsWith("aborting job"); // the command prints this failure
    }
  }
}
