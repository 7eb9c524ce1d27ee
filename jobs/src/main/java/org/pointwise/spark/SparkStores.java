package org.pointwise.spark;

import org.pointwise.hadoop.HadoopSettings;
import org.pointwise.hadoop.Stores;
import org.pointwise.store.ByteStores;

/** The stores that the running Spark can open, with its settings. */
public final class SparkStores {
  private SparkStores() {}

  /** Returns the stores. */
  public static ByteStores open() {
    HadoopSettings.from(SparkRunner::hadoopSettings);
    return Stores.ANY;
  }

  /** Returns a path as {@link Stores#qualified} does. */
  public static String qualified(String path) {
    HadoopSettings.from(SparkRunner::hadoopSettings);
    return Stores.qualified(path);
  }
}
