package org.pointwise.hadoop;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.util.VersionInfo;

/**
 * Settings for Hadoop beyond its own files, as users give them to Spark: {@code spark.hadoop.*}.
 */
public final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private static volatile Supplier<Map<String, String>> source = HadoopSettings::ofThisProcess;

  private HadoopSettings() {}

  /** Where this process finds them from now on, without the prefix; asked for each store. */
  public static void from(Supplier<Map<String, String>> settings) {
    source = settings;
  }

  /** Version of the Hadoop that is here. */
  public static String version() {
    return VersionInfo.getVersion();
  }

  static Map<String, String> get() {
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
