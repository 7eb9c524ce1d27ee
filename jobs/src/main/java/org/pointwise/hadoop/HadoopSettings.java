package org.pointwise.hadoop;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.VersionInfo;

/**
 * The settings for Hadoop beyond its own files, in the form in which users give them to Spark:
 * {@code spark.hadoop.*}.
 */
public final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private static final Configuration FILES = new Configuration();

  private static volatile Supplier<Map<String, String>> source = HadoopSettings::ofThisProcess;

  private HadoopSettings() {}

  /**
   * Sets the source of the settings of this process, without the prefix. The source is called for
   * each store that is opened.
   */
  public static void from(Supplier<Map<String, String>> settings) {
    source = settings;
  }

  /**
   * Returns settings together with those of a running Hadoop configuration that differ from its own
   * files.
   */
  public static Map<String, String> differing(
      Iterable<Map.Entry<String, String>> configuration, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    for (Map.Entry<String, String> entry : configuration) {
      if (!entry.getValue().equals(FILES.getRaw(entry.getKey()))) {
        all.put(entry.getKey(), entry.getValue());
      }
    }
    return all;
  }

  /** Returns the version of Hadoop on the class path. */
  public static String version() {
    return VersionInfo.getVersion();
  }

  /** Returns the settings of this process, without the prefix. */
  public static Map<String, String> current() {
    return source.get();
  }

  private static Map<String, String> ofThisProcess() {
    Map<String, String> settings = new HashMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        settings.put(name.substring(PREFIX.length()), System.getProperty(name));
      }
    }
    return settings;
  }
}
