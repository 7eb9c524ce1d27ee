package org.pointwise.cli;

import org.pointwise.Pointwise;
import org.pointwise.spark.SparkRunner;
import picocli.CommandLine.IVersionProvider;

/** Provides the versions of this software (from the manifest of its jar), of Java and of Spark. */
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
