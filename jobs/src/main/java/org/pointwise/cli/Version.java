package org.pointwise.cli;

import org.pointwise.Pointwise;
import org.pointwise.spark.SparkRunner;
import picocli.CommandLine.IVersionProvider;

/** The software's version, from the jar's manifest. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "pointwise " + Pointwise.version(),
      "Java " + Runtime.version(),
      "Spark " + SparkRunner.sparkVersion()
    };
  }
}
