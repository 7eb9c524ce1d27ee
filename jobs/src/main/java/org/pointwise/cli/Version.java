package org.pointwise.cli;

import org.pointwise.spark.SparkRunner;
import picocli.CommandLine.IVersionProvider;

/** The software's version, from the jar's manifest. */
final class Version implements IVersionProvider {
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "pointwise " + text(), "Java " + Runtime.version(), "Spark " + SparkRunner.sparkVersion()
    };
  }
}
