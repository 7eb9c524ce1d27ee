package org.pointwise.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.security.AccessControlException;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * A folder or prefix of any Hadoop file system.
 *
 * <p>On real file systems, a file is written aside and renamed. On object stores, a rename is a
 * copy, so an object is written by one create, write and close. If that fails, it is aborted,
 * because closing would publish the incomplete object.
 */
final class HadoopByteStore implements ByteStore {
  /** The option by which S3 refuses to replace an object. Older versions of Hadoop ignore it. */
  private static final String CONDITIONAL = "fs.option.create.conditional.overwrite";

  private static final boolean VECTORED = VectoredReads.available();

  private final Path root;
  private final HadoopFiles hadoop;
  private final FileSystem files;
  private final @Nullable Path stagingFolder; // null: the folder of the target
  private final boolean sync;
  private final Supplier<ReadCache> cache;

  private HadoopByteStore(
      Path root,
      HadoopFiles hadoop,
      @Nullable Path stagingFolder,
      boolean sync,
      Supplier<ReadCache> cache) {
    this.root = root;
    this.hadoop = hadoop;
    this.cache = cache;
    this.files = hadoop.system();
    this.stagingFolder = stagingFolder;
    this.sync = sync;
  }

  /**
   * Opens the store at {@code uri} with the settings from Hadoop's files and from Spark.
   *
   * @param cache returns the cache of the reads that are made now
   */
  static HadoopByteStore open(String uri, Supplier<ReadCache> cache) {
    Credentials.refuse(uri);
    try {
      Path root = new Path(uri);
      HadoopFiles hadoop = HadoopFiles.of(root);
      // A FileContext requires paths with the authority, also if it is the default.
      return new HadoopByteStore(hadoop.system().makeQualified(root), hadoop, null, true, cache);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot open %s: %s; check the URI and Hadoop's configuration"
              .formatted(uri, e.getMessage()),
          e);
    }
  }

  @Override
  public ByteStore withStaging(String folder) {
    return new HadoopByteStore(root, hadoop, files.makeQualified(new Path(folder)), sync, cache);
  }

  @Override
  public ByteStore withoutSync() {
    return new HadoopByteStore(root, hadoop, stagingFolder, false, cache);
  }

  @Override
  public String uri() {
    return root.toString();
  }

  /** Returns the root with scheme and authority, also if these are the defaults of the settings. */
  String canonical() {
    Path qualified = files.makeQualified(root);
    String service = files.getCanonicalServiceName(); // host and port; null for object stores
    URI uri = qualified.toUri();
    return service == null || service.startsWith("ha-")
        ? qualified.toString()
        : "%s://%s%s".formatted(uri.getScheme(), service, uri.getPath());
  }

  private Path path(String key) {
    return key.isEmpty() ? root : new Path(root, new Path(null, null, ByteStore.checkKey(key)));
  }

  @Override
  public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    return cache.get().statusesOf(files, keys.stream().map(this::path).toList());
  }

  @Override
  public long size(String key) throws IOException {
    try {
      FileStatus status = cache.get().status(files, path(key));
      return status.isFile() ? status.getLen() : -1;
    } catch (FileNotFoundException e) {
      return -1;
    } catch (AccessControlException e) {
      // HDFS throws this for a path below a file.
      if (String.valueOf(e.getMessage()).contains("is not a directory")) {
        return -1;
      }
      Kerberos.explain(path(key), e);
      throw HadoopReads.denied(path(key), e);
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
  public boolean read(String key, Bytes into, int max) throws IOException {
    return new HadoopReads(files, cache.get()).read(path(key), into, max);
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    return new HadoopReads(files, cache.get()).read(path(key), offset, length, into);
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    if (!VECTORED || !VectoredReads.areDisjoint(offsets, lengths)) {
      return ByteStore.super.read(key, offsets, lengths, into);
    }
    return new HadoopReads(files, cache.get()).read(path(key), offsets, lengths, into);
  }

  @Override
  public void release() {
    cache.get().release();
  }

  @Override
  public Upload upload(String key) throws IOException {
    return hadoop.isObjectStore()
        ? new SingleStream(files, path(key))
        : new StagedFile(files, hadoop.context(), path(key), stagingFolder, sync);
  }

  @Override
  public boolean create(String key, byte[] bytes) throws IOException {
    Path target = path(key);
    boolean isObjectStore = hadoop.isObjectStore();
    if (isObjectStore && size(key) >= 0) {
      return false;
    }
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(target);
    builder
        .recursive()
        .overwrite(isObjectStore); // without it, object stores check first and then create
    builder.opt(CONDITIONAL, true);
    try (FSDataOutputStream out = builder.build()) {
      out.write(bytes);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      if (isObjectStore && e.getClass().getSimpleName().equals("RemoteFileChangedException")) {
        return false; // the object exists: S3's condition failed
      }
      throw e;
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
  public Map<String, ObjectStatus> statuses(String folder) throws IOException {
    Map<String, ObjectStatus> statuses = new HashMap<>();
    try {
      RemoteIterator<FileStatus> children = files.listStatusIterator(path(folder));
      while (children.hasNext()) {
        FileStatus child = children.next();
        if (child.isFile()) {
          statuses.put(
              child.getPath().getName(),
              new ObjectStatus(child.getLen(), child.getModificationTime()));
        }
      }
    } catch (FileNotFoundException e) {
      return Map.of();
    }
    return statuses;
  }

  @Override
  public boolean movable(String folder) {
    return !hadoop.isObjectStore();
  }

  @Override
  public void move(String from, String to) throws IOException {
    hadoop.context().rename(path(from), path(to));
  }

  @Override
  public void delete(String key) throws IOException {
    files.delete(path(key), true);
  }
}
