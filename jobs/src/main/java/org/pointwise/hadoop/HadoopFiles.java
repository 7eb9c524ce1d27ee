package org.pointwise.hadoop;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** A file system of Hadoop, with the settings from Hadoop's files and from Spark. Thread-safe. */
final class HadoopFiles {
  private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "gs", "oss", "cosn", "obs");

  private static final Map<Map<String, String>, Configuration> CONFIGURATIONS =
      new ConcurrentHashMap<>();

  private final FileSystem system;

  /**
   * The stream that reads from S3. The default of Hadoop 3.5, {@code analytics}, keeps what it read
   * in the heap, which the plan does not count, and does not repeat a read that is cut short.
   */
  private static final String STREAM = "fs.s3a.input.stream.type";

  private final Configuration configuration;
  private volatile @Nullable FileContext context;

  private HadoopFiles(FileSystem system, Configuration configuration) {
    this.system = system;
    this.configuration = configuration;
  }

  /** Returns the file system of a path. */
  static HadoopFiles of(Path path) throws IOException {
    Configuration configuration = configuration(HadoopSettings.current());
    FileSystem system = FileSystems.of(path, configuration);
    Kerberos.requireCredentials(system, path, configuration);
    return new HadoopFiles(system, configuration);
  }

  /**
   * Returns the settings from Hadoop's files with the given settings added. Parses the files once
   * for each set of given settings.
   */
  private static Configuration configuration(Map<String, String> settings) {
    return CONFIGURATIONS.computeIfAbsent(
        Map.copyOf(settings),
        given -> {
          Configuration configuration = new Configuration();
          given.forEach(configuration::set);
          configuration.setIfUnset(STREAM, "classic");
          return configuration;
        });
  }

  FileSystem system() {
    return system;
  }

  /**
   * Returns the context, whose rename can replace an existing file. It is cached because each new
   * context creates a client of its own.
   */
  FileContext context() throws IOException {
    FileContext known = context;
    if (known == null) {
      known = FileContext.getFileContext(system.getUri(), configuration);
      context = known; // if two threads create one, either is valid
    }
    return known;
  }

  /**
   * Returns whether this is an object store, in which an object is visible only when it is
   * complete.
   */
  boolean isObjectStore() {
    return OBJECT_STORES.contains(String.valueOf(system.getScheme()));
  }
}
