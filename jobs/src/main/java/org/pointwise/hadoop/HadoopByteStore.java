package org.pointwise.hadoop;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.FutureIO;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder or prefix of any Hadoop file system.
 *
 * <p>Real file systems get a file aside and a rename; object stores, whose rename is a copy, get
 * one create, write and close, aborted when it fails, since closing would publish what was written
 * so far.
 */
final class HadoopByteStore implements ByteStore {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopByteStore.class);

  private static final Set<String> OBJECT_STORES = Set.of("s3a", "s3", "gs", "oss", "cosn", "obs");

  /** How a file will be read; unknown to older Hadoop, which ignores it. */
  private static final String READ_POLICY = "fs.option.openfile.read.policy";

  /** Has S3 refuse to replace an object; unknown to older Hadoop, which ignores it. */
  private static final String CONDITIONAL = "fs.option.create.conditional.overwrite";

  private static final boolean VECTORED = VectoredReads.available();

  private static final ThreadLocal<@Nullable Open> LAST = new ThreadLocal<>();

  /** What {@link #stampsOf} found for a thread, so that reads need no request for the status. */
  private static final ThreadLocal<Map<Path, Optional<FileStatus>>> KNOWN =
      ThreadLocal.withInitial(HashMap::new);

  private static final int MOST_KNOWN = 10_000;

  private static final Map<Map<String, String>, Configuration> CONFIGURATIONS =
      new ConcurrentHashMap<>();

  private final Path root;
  private final FileSystem files;
  private final Configuration configuration;
  private final @Nullable Path aside; // null: beside the target
  private final boolean sync;
  private volatile @Nullable FileContext context;

  private HadoopByteStore(
      Path root,
      FileSystem files,
      Configuration configuration,
      @Nullable Path aside,
      boolean sync) {
    this.sync = sync;
    this.aside = aside;
    this.root = root;
    this.files = files;
    this.configuration = configuration;
  }

  /** Opens the store at {@code uri} with the settings of Hadoop's files and of Spark. */
  static HadoopByteStore open(String uri) {
    Credentials.refuse(uri);
    try {
      Configuration configuration = configuration(HadoopSettings.get());
      Path root = new Path(uri);
      FileSystem files = FileSystems.of(root, configuration);
      // A FileContext takes no path without the authority that the settings name.
      return new HadoopByteStore(files.makeQualified(root), files, configuration, null, true);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot open %s: %s; check the URI and Hadoop's configuration"
              .formatted(uri, e.getMessage()),
          e);
    }
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

  /** The context that renames over what is there; each new one brings a client of its own. */
  private FileContext context() throws IOException {
    FileContext known = context;
    if (known == null) {
      known = FileContext.getFileContext(files.getUri(), configuration);
      context = known; // should two threads make one, either will do
    }
    return known;
  }

  @Override
  public ByteStore asideIn(String folder) {
    return new HadoopByteStore(
        root, files, configuration, files.makeQualified(new Path(folder)), sync);
  }

  @Override
  public ByteStore withoutSync() {
    return new HadoopByteStore(root, files, configuration, aside, false);
  }

  @Override
  public String uri() {
    return root.toString();
  }

  /** The root with scheme and authority, also where these are the defaults of the settings. */
  String canonical() {
    Path whole = files.makeQualified(root);
    String service = files.getCanonicalServiceName(); // host and port; null of object stores
    URI uri = whole.toUri();
    return service == null || service.startsWith("ha-")
        ? whole.toString()
        : "%s://%s%s".formatted(uri.getScheme(), service, uri.getPath());
  }

  private boolean objects() {
    return OBJECT_STORES.contains(String.valueOf(files.getScheme()));
  }

  private Path path(String key) {
    return key.isEmpty() ? root : new Path(root, new Path(null, null, ByteStore.checkKey(key)));
  }

  /**
   * @throws FileNotFoundException where there is none
   */
  private FileStatus status(Path path) throws IOException {
    Optional<FileStatus> known = KNOWN.get().get(path);
    if (known == null) {
      return files.getFileStatus(path);
    }
    return known.orElseThrow(() -> new FileNotFoundException(path.toString()));
  }

  @Override
  public List<Stamp> stampsOf(List<String> keys) throws IOException {
    Map<Path, Optional<FileStatus>> known = KNOWN.get();
    Open open = LAST.get();
    Stamp opened = open == null ? NO_OBJECT : stamp(known.get(open.path));
    known.clear();
    List<Stamp> stamps = new ArrayList<>(keys.size());
    for (String key : keys) {
      Path path = path(key);
      Optional<FileStatus> status;
      try {
        status = Optional.of(files.getFileStatus(path));
      } catch (FileNotFoundException e) {
        status = Optional.empty();
      }
      if (known.size() < MOST_KNOWN) {
        known.put(path, status);
      }
      stamps.add(stamp(status));
      if (open != null && open.path.equals(path) && !opened.equals(stamp(status))) {
        closeLast(); // it is another object by now
      }
    }
    return stamps;
  }

  private static Stamp stamp(@Nullable Optional<FileStatus> known) {
    FileStatus status = known == null ? null : known.orElse(null);
    return status == null || !status.isFile()
        ? NO_OBJECT
        : new Stamp(status.getLen(), status.getModificationTime());
  }

  @Override
  public long size(String key) throws IOException {
    try {
      FileStatus status = status(path(key));
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
      status = status(path(key));
    } catch (FileNotFoundException e) {
      return false;
    }
    if (!status.isFile()) {
      return false;
    }
    if (status.getLen() > most) {
      throw new TooLongException(path(key), status.getLen(), most);
    }
    int length = (int) status.getLen();
    // Who has the status need not be asked for it again.
    try (FSDataInputStream in =
        FutureIO.awaitFuture(
            files
                .openFile(status.getPath())
                .withFileStatus(status)
                .opt(READ_POLICY, "whole-file, sequential")
                .build())) {
      in.readFully(0, into.resize(length), 0, length);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    } catch (EOFException e) {
      throw ended(path(key), 0, length, e);
    }
  }

  /**
   * What the end of a stream means: the object is shorter, or, where it is not, the connection was
   * lost, which Hadoop reports alike.
   */
  private IOException ended(Path path, long offset, long length, EOFException e)
      throws IOException {
    long bytes = files.getFileStatus(path).getLen();
    return bytes < offset + length
        ? new TruncatedException(path, bytes, offset, length)
        : new IOException("Reading %s was cut short: %s".formatted(path, e.getMessage()), e);
  }

  /**
   * An object that a thread reads ranges of. Chunks of one shard are read one after another, and
   * opening costs an object store a request of its own.
   */
  private record Open(Path path, FSDataInputStream in) {}

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    try {
      return fromOpen(path(key), in -> in.readFully(offset, into.resize(length), 0, length));
    } catch (EOFException e) {
      throw ended(path(key), offset, length, e);
    }
  }

  @Override
  public boolean distant() {
    return true;
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    if (!VECTORED || !VectoredReads.apart(offsets, lengths)) {
      return ByteStore.super.read(key, offsets, lengths, into);
    }
    try {
      return fromOpen(path(key), in -> VectoredReads.read(in, offsets, lengths, into));
    } catch (EOFException e) {
      int last = 0;
      for (int i = 1; i < offsets.length; i++) {
        last = offsets[i] > offsets[last] ? i : last;
      }
      throw ended(path(key), offsets[last], lengths[last], e);
    }
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
        FutureDataInputStreamBuilder builder =
            files.openFile(path).opt(READ_POLICY, "vector, random");
        Optional<FileStatus> known = KNOWN.get().get(path);
        if (known != null) {
          if (known.isEmpty()) {
            return false;
          }
          builder.withFileStatus(known.get());
        }
        open = new Open(path, FutureIO.awaitFuture(builder.build()));
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

  @Override
  public void release() {
    releaseThread();
  }

  /** Closes what this thread has open; what it has read is good whether that succeeds or not. */
  static void releaseThread() {
    KNOWN.remove();
    try {
      closeLast();
    } catch (IOException e) {
      LOG.debug("Cannot close what was read", e);
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
  public Upload upload(String key) throws IOException {
    return objects() ? new OneStream(path(key)) : new FileAside(path(key));
  }

  /** What is replaced is not to be read on. */
  private static void forget(Path path) throws IOException {
    closeLast();
    KNOWN.get().remove(path);
  }

  @Override
  public boolean create(String key, byte[] bytes) throws IOException {
    Path target = path(key);
    boolean objects = objects();
    if (objects && size(key) >= 0) {
      return false;
    }
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(target);
    builder.recursive().overwrite(objects); // else it looks, and then creates
    builder.opt(CONDITIONAL, true);
    try (FSDataOutputStream out = builder.build()) {
      out.write(bytes);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      if (objects && e.getClass().getSimpleName().equals("RemoteFileChangedException")) {
        return false; // S3 found one: the condition failed
      }
      throw e;
    }
  }

  /** The object of a store that shows it when its stream is closed: of any length in parts. */
  private final class OneStream implements Upload {
    private final Path target;
    private final FSDataOutputStream out;
    private boolean open = true;

    OneStream(Path target) throws IOException {
      this.target = target;
      this.out = files.create(target, true);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void publish() throws IOException {
      forget(target);
      open = false;
      out.close();
    }

    @Override
    public void close() {
      // One that cannot be aborted stays open: closing it would publish what was written so far.
      if (open && out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
        out.abort();
      }
      open = false;
    }
  }

  /** A file that is written aside, and renamed. */
  private final class FileAside implements Upload {
    private final Path target;
    private final Path written;
    private final FSDataOutputStream out;
    private boolean published;

    FileAside(Path target) throws IOException {
      this.target = target;
      Path folder = aside == null ? target.getParent() : aside;
      this.written = new Path(folder, ".pointwise-" + UUID.randomUUID() + ".tmp");
      this.out =
          context()
              .create(written, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void publish() throws IOException {
      forget(target);
      if (sync && out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
      out.close();
      if (aside != null) {
        context().mkdir(target.getParent(), FsPermission.getDirDefault(), true);
      }
      context().rename(written, target, Options.Rename.OVERWRITE);
      published = true;
    }

    @Override
    public void close() throws IOException {
      if (!published) {
        try {
          out.close();
        } finally {
          files.delete(written, false);
        }
      }
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
  public Map<String, Stamp> stamps(String folder) throws IOException {
    Map<String, Stamp> stamps = new HashMap<>();
    try {
      RemoteIterator<FileStatus> children = files.listStatusIterator(path(folder));
      while (children.hasNext()) {
        FileStatus child = children.next();
        if (child.isFile()) {
          stamps.put(
              child.getPath().getName(), new Stamp(child.getLen(), child.getModificationTime()));
        }
      }
    } catch (FileNotFoundException e) {
      return Map.of();
    }
    return stamps;
  }

  @Override
  public boolean movable(String folder) {
    return !objects();
  }

  @Override
  public void move(String from, String to) throws IOException {
    context().rename(path(from), path(to));
  }

  @Override
  public void delete(String key) throws IOException {
    files.delete(path(key), true);
  }
}
