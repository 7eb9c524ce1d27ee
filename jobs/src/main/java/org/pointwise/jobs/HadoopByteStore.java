package org.pointwise.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * A folder or prefix of any Hadoop file system.
 *
 * <p>Real file systems get a file aside and a rename; object stores, whose rename is a copy, get
 * one create, write and close, aborted when it fails, since closing would publish what was written
 * so far.
 */
final class HadoopByteStore implements ByteStore {
  private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "gs", "oss", "cosn", "obs");

  private final Path root;
  private final FileSystem files;
  private final Configuration configuration;

  private HadoopByteStore(Path root, FileSystem files, Configuration configuration) {
    this.root = root;
    this.files = files;
    this.configuration = configuration;
  }

  /** Opens the store at {@code uri} with the settings of Hadoop's files and of Spark. */
  static HadoopByteStore open(String uri) {
    try {
      Configuration configuration = new Configuration();
      Map<String, String> settings = SparkRunner.hadoopSettings();
      settings.forEach(configuration::set);
      Path root = new Path(uri);
      return new HadoopByteStore(root, FileSystem.get(root.toUri(), configuration), configuration);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot open %s: %s; check the URI and Hadoop's configuration"
              .formatted(uri, e.getMessage()),
          e);
    }
  }

  @Override
  public String uri() {
    return root.toString();
  }

  private Path path(String key) {
    return key.isEmpty() ? root : new Path(root, new Path(null, null, ByteStore.checkKey(key)));
  }

  @Override
  public long size(String key) throws IOException {
    try {
      FileStatus status = files.getFileStatus(path(key));
      return status.isFile() ? status.getLen() : -1;
    } catch (FileNotFoundException e) {
      return -1;
    } catch (AccessControlException e) {
      // HDFS says so of a path below a file.
      if (String.valueOf(e.getMessage()).contains("is not a directory")) {
        return -1;
      }
      throw e;
    }
  }

  @Override
  public long modified(String key) throws IOException {
    try {
      return files.getFileStatus(path(key)).getModificationTime();
    } catch (FileNotFoundException e) {
      return -1;
    }
  }

  @Override
  public boolean read(String key, Bytes into, int most) throws IOException {
    long size = size(key);
    if (size < 0) {
      return false;
    }
    if (size > most) {
      throw new IOException(
          "%s has %d bytes but at most %d were expected".formatted(path(key), size, most));
    }
    return read(key, 0, (int) size, into);
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    try (FSDataInputStream in = files.open(path(key))) {
      in.readFully(offset, into.resize(length), 0, length);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  @Override
  public void put(String key, byte[] bytes, int from, int length) throws IOException {
    if (OBJECT_STORES.contains(String.valueOf(files.getScheme()))) {
      putOnce(path(key), bytes, from, length);
    } else {
      putAside(path(key), bytes, from, length);
    }
  }

  private void putOnce(Path target, byte[] bytes, int from, int length) throws IOException {
    FSDataOutputStream out = files.create(target, true);
    try {
      out.write(bytes, from, length);
    } catch (IOException | RuntimeException e) {
      out.abort();
      throw e;
    }
    out.close();
  }

  private void putAside(Path target, byte[] bytes, int from, int length) throws IOException {
    Path aside = new Path(target.getParent(), ".pointwise-" + UUID.randomUUID() + ".tmp");
    FileContext context = FileContext.getFileContext(root.toUri(), configuration);
    try {
      try (FSDataOutputStream out =
          context.create(aside, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
        out.write(bytes, from, length);
      }
      context.rename(aside, target, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      deleteQuietly(aside, e);
      throw e;
    }
  }

  private void deleteQuietly(Path aside, IOException reason) {
    try {
      files.delete(aside, false);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    try {
      FileStatus status = files.getFileStatus(path(folder));
      if (status.isFile()) {
        return List.of();
      }
      return Arrays.stream(files.listStatus(path(folder)))
          .map(child -> child.getPath().getName())
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  @Override
  public void delete(String key) throws IOException {
    files.delete(path(key), true);
  }
}
