package org.pointwise.spark;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.hadoop.Stores;
import org.pointwise.store.ByteStores;

/**
 * The stores that the driver of the running Spark can open, with the settings that Spark was given
 * and those that were set since in {@link SparkContext#hadoopConfiguration}.
 */
public final class SparkStores {
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

  /** Returns the settings for Hadoop that differ from those of its own files. */
  public static Map<String, String> settings() {
    Map<String, String> given = SparkRunner.hadoopSettings();
    return SparkRunner.isDriver() // executors have no SparkContext; DriverSettings reach them
        ? HadoopSettings.differing(SparkContext.getOrCreate().hadoopConfiguration(), given)
        : given;
  }
}
