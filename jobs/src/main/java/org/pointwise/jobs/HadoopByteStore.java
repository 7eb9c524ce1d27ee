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
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.FutureIO;
import org.jspecify.annotations.Nullable;
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

  /** Tells object stores that ranges are read; unknown to older Hadoop, which ignores it. */
  private static final String READ_POLICY = "fs.option.openfile.read.policy";

  private static final boolean VECTORED = VectoredReads.available();

  private static final ThreadLocal<@Nullable Open> LAST = new ThreadLocal<>();

  private final Path root;
  private final FileSystem files;
  private final Configuration configuration;
  private final @Nullable Path aside; // null: beside the target

  private HadoopByteStore(
      Path root, FileSystem files, Configuration configuration, @Nullable Path aside) {
    this.aside = aside;
    this.root = root;
    this.files = files;
    this.configuration = configuration;
  }

  /** Opens the store at {@code uri} with the settings of Hadoop's files and of Spark. */
  static HadoopByteStore open(String uri) {
    Credentials.refuse(uri);
    try {
      Configuration configuration = new Configuration();
      Map<String, String> settings = SparkRunner.hadoopSettings();
      settings.forEach(configuration::set);
      Path root = new Path(uri);
      return new HadoopByteStore(root, FileSystems.of(root, configuration), configuration, null);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot open %s: %s; check the URI and Hadoop's configuration"
              .formatted(uri, e.getMessage()),
          e);
    }
  }

  @Override
  public ByteStore asideIn(String folder) {
    return new HadoopByteStore(root, files, configuration, new Path(folder));
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
    FileStatus status;
    try {
      status = files.getFileStatus(path(key));
    } catch (FileNotFoundException e) {
      return false;
    }
    if (!status.isFile()) {
      return false;
    }
    if (status.getLen() > most) {
      throw new IOException(
          "%s has %d bytes but at most %d were expected"
              .formatted(path(key), status.getLen(), most));
    }
    int length = (int) status.getLen();
    // Who has the status need not be asked for it again.
    try (FSDataInputStream in =
        FutureIO.awaitFuture(files.openFile(status.getPath()).withFileStatus(status).build())) {
      in.readFully(0, into.resize(length), 0, length);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /**
   * An object that a thread reads ranges of. Chunks of one shard are read one after another, and
   * opening costs an object store a request of its own.
   */
  private record Open(Path path, FSDataInputStream in) {}

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    return fromOpen(path(key), in -> in.readFully(offset, into.resize(length), 0, length));
  }

  @Override
  public boolean distant() {
    return true;
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    return VECTORED
        ? fromOpen(path(key), in -> VectoredReads.read(in, offsets, lengths, into))
        : ByteStore.super.read(key, offsets, lengths, into);
  }

  /** What is read of an open object. */
  private interface Reading {
    void from(FSDataInputStream in) throws IOException;
  }

  /** Reads of the object that this thread has open, opening it where it is another. */
  private boolean fromOpen(Path path, Reading reading) throws IOException {
    Open open = LAST.get();
    if (open == null || !open.path.equals(path)) {
      closeLast();
      try {
        open =
            new Open(
                path,
                FutureIO.awaitFuture(files.openFile(path).opt(READ_POLICY, "random").build()));
      } catch (FileNotFoundException e) {
        return false;
      }
      LAST.set(open);
    }
    try {
      reading.from(open.in);
      return true;
    } catch (FileNotFoundException e) {
      closeLast();
      return false;
    } catch (IOException e) {
      closeLast();
      throw e;
    }
  }

  /** Forgets the object that this thread read last. */
  private static void closeLast() throws IOException {
    Open open = LAST.get();
    LAST.remove();
    if (open != null) {
      open.in.close();
    }
  }

  @Override
  public void put(String key, byte[] bytes, int from, int length) throws IOException {
    closeLast(); // what is replaced is not to be read on
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
    Path folder = aside == null ? target.getParent() : aside;
    Path written = new Path(folder, ".pointwise-" + UUID.randomUUID() + ".tmp");
    FileContext context = FileContext.getFileContext(root.toUri(), configuration);
    try {
      try (FSDataOutputStream out =
          context.create(
              written, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
        out.write(bytes, from, length);
      }
      if (aside != null) {
        context.mkdir(target.getParent(), FsPermission.getDirDefault(), true);
      }
      context.rename(written, target, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      deleteQuietly(written, e);
      throw e;
    }
  }

  private void deleteQuietly(Path written, IOException reason) {
    try {
      files.delete(written, false);
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
