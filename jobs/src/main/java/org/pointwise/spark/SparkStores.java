package org.pointwise.spark;

import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.hadoop.Stores;
import org.pointwise.store.ByteStores;

/**
 * The stores that the driver of the running Spark can open, with the settings that Spark was given
 * and those that were set since in {@link SparkContext#hadoopConfiguration}.
 */
public final class SparkStores {
  private static final Configuration FILES = new Configuration();

  private SparkStores() {}

  /** Returns the stores. */
  public static ByteStores open() {
    HadoopSettings.from(SparkStores::settings);
    return Stores.ANY;
  }

  /** Returns a path as {@link Stores#qualified} does. */
  public static String qualified(String path) {
    HadoopSettings.from(SparkStores::settings);
    return Stores.qualified(path);
  }

  /** Returns the settings that differ from those of Hadoop's own files. */
  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(SparkRunner.hadoopSettings());
    if (!SparkRunner.isRunning()) {
      return settings;
    }
    for (Map.Entry<String, String> entry : SparkContext.getOrCreate().hadoopConfiguration()) {
      if (!entry.getValue().equals(FILES.getRaw(entry.getKey()))) {
        settings.put(entry.getKey(), entry.getValue());
      }
    }
    return settings;
  }
}
