package org.pointwise.spark;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.pointwise.hadoop.HadoopSettings;

/**
 * The driver's settings for Hadoop at the time of a job, which the job takes to executors. They may
 * contain secret keys and are never shown.
 */
public final class DriverSettings implements Serializable {
  private static final long serialVersionUID = 1;

  private final HashMap<String, String> settings;

  private DriverSettings(Map<String, String> settings) {
    this.settings = new HashMap<>(settings);
  }

  /** Returns the current settings of this process, which is the driver. */
  static DriverSettings current() {
    return new DriverSettings(HadoopSettings.current());
  }

  /** Returns the settings with which {@link SparkStores} opens stores on this driver. */
  public static DriverSettings ofStores() {
    return new DriverSettings(SparkStores.settings());
  }

  /** Makes these the settings of this process, unless it is the driver. */
  public void apply() {
    if (!SparkRunner.isDriver()) {
      Map<String, String> received = settings;
      HadoopSettings.from(() -> received);
    }
  }
}
