package org.pointwise.hadoop;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.util.VersionInfo;
import org.pointwise.errors.InvalidInputException;

/** Opens Hadoop's file systems by scheme, and names the jar that is missing if there is none. */
final class FileSystems {
  /** The artifacts that implement schemes and are not part of Spark. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "s3a", "org.apache.hadoop:hadoop-aws:%s",
          "abfs", "org.apache.hadoop:hadoop-azure:%s",
          "abfss", "org.apache.hadoop:hadoop-azure:%s",
          "wasb", "org.apache.hadoop:hadoop-azure:%s",
          "wasbs", "org.apache.hadoop:hadoop-azure:%s",
          "oss", "org.apache.hadoop:hadoop-aliyun:%s",
          "gs", "com.google.cloud.bigdataoss:gcs-connector");

  private FileSystems() {}

  /**
   * Returns the file system of a path.
   *
   * @throws InvalidInputException that names the jar if a jar is missing
   * @throws IOException if the file system cannot be opened
   */
  static FileSystem of(Path path, Configuration configuration) throws IOException {
    try {
      return FileSystem.get(path.toUri(), configuration);
    } catch (UnsupportedFileSystemException e) {
      throw missingFileSystem(path, "nothing implements it", e);
    } catch (LinkageError e) {
      throw missingFileSystem(path, e.getMessage() + " is missing", e);
    } catch (UnsupportedOperationException e) {
      if (String.valueOf(e.getMessage()).contains("getSubject")) {
        throw new InvalidInputException(
            "Cannot open %s: Hadoop %s does not run on Java %d, but Java 17 and 21 or Spark 4.2 with Hadoop 3.5 do; use one of them"
                .formatted(path, VersionInfo.getVersion(), Runtime.version().feature()),
            e);
      }
      throw e;
    } catch (RuntimeException e) {
      if (e.getCause() instanceof ClassNotFoundException cause) {
        throw missingFileSystem(path, String.valueOf(cause.getMessage()), e);
      }
      throw e;
    }
  }

  private static InvalidInputException missingFileSystem(Path path, String reason, Throwable e) {
    String scheme = String.valueOf(path.toUri().getScheme());
    String hadoop = VersionInfo.getVersion();
    String artifact = ARTIFACTS.get(scheme);
    String jar =
        artifact == null
            ? "the jar that implements %s:".formatted(scheme)
            : "%s and what it depends on%s"
                .formatted(
                    artifact.formatted(hadoop),
                    scheme.equals("s3a") ? ", the AWS SDK's bundle above all" : "");
    return new InvalidInputException(
        "Cannot open %s: this Spark with Hadoop %s has no file system for %s: (%s) but needs one; add %s, with spark-submit's --packages or in SPARK_HOME/jars"
            .formatted(path, hadoop, scheme, reason, jar),
        e);
  }
}
