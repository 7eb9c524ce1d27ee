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

/** A file system of Hadoop, with the settings of Hadoop's files and of Spark. Thread-safe. */
final class HadoopFiles {
  private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "gs", "oss", "cosn", "obs");

  private static final Map<Map<String, String>, Configuration> CONFIGURATIONS =
      new ConcurrentHashMap<>();

  private final FileSystem system;
  private final Configuration configuration;
  private volatile @Nullable FileContext context;

  private HadoopFiles(FileSystem system, Configuration configuration) {
    this.system = system;
    this.configuration = configuration;
  }

  /** The one that a path is in. */
  static HadoopFiles of(Path path) throws IOException {
    Configuration configuration = configuration(HadoopSettings.get());
    return new HadoopFiles(FileSystems.of(path, configuration), configuration);
  }

  /** Hadoop's files, parsed once for each set of settings, with these. */
  private static Configuration configuration(Map<String, String> settings) {
    return CONFIGURATIONS.computeIfAbsent(
        Map.copyOf(settings),
        given -> {
          Configuration configuration = new Configuration();
          given.forEach(configuration::set);
          return configuration;
        });
  }

  FileSystem system() {
    return system;
  }

  /** The context that renames over what is there; each new one brings a client of its own. */
  FileContext context() throws IOException {
    FileContext known = context;
    if (known == null) {
      known = FileContext.getFileContext(system.getUri(), configuration);
      context = known; // should two threads make one, either will do
    }
    return known;
  }

  /** Whether it is an object store, which shows an object when it is whole. */
  boolean isObjectStore() {
    return OBJECT_STORES.contains(String.valueOf(system.getScheme()));
  }
}
