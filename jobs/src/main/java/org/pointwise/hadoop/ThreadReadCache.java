package org.pointwise.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches for each thread the statuses of the objects that it is about to read, so that reads need
 * no request for them, and the object that it read last, which stays open.
 */
final class ThreadReadCache {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadReadCache.class);

  /** The option that declares how a file will be read. Older versions of Hadoop ignore it. */
  static final String READ_POLICY = "fs.option.openfile.read.policy";

  private static final ThreadLocal<@Nullable Open> LAST_OPENED = new ThreadLocal<>();

  /** The statuses that {@link #statusesOf} found. */
  private static final ThreadLocal<Map<Path, Optional<FileStatus>>> STATUSES =
      ThreadLocal.withInitial(HashMap::new);

  private static final int MAX_STATUSES = 10_000;

  private ThreadReadCache() {}

  /**
   * An object of which a thread reads ranges. It stays open because chunks of one shard are read
   * one after another, and opening an object costs a request to an object store.
   */
  private record Open(Path path, FSDataInputStream in) {}

  /**
   * Returns the cached status of an object; requests it if it is not cached.
   *
   * @throws FileNotFoundException if there is no such object
   */
  static FileStatus status(FileSystem files, Path path) throws IOException {
    Optional<FileStatus> cached = STATUSES.get().get(path);
    if (cached == null) {
      return files.getFileStatus(path);
    }
    return cached.orElseThrow(() -> new FileNotFoundException(path.toString()));
  }

  /** Implements {@link ByteStore#statusesOf}. Replaces all cached statuses by these. */
  static List<ObjectStatus> statusesOf(FileSystem files, List<Path> paths) throws IOException {
    Map<Path, Optional<FileStatus>> cached = STATUSES.get();
    Open open = LAST_OPENED.get();
    ObjectStatus opened = open == null ? ByteStore.NO_OBJECT : objectStatus(cached.get(open.path));
    cached.clear();
    List<ObjectStatus> statuses = new ArrayList<>(paths.size());
    for (Path path : paths) {
      Optional<FileStatus> status;
      try {
        status = Optional.of(files.getFileStatus(path));
      } catch (FileNotFoundException e) {
        status = Optional.empty();
      }
      if (cached.size() < MAX_STATUSES) {
        cached.put(path, status);
      }
      statuses.add(objectStatus(status));
      if (open != null && open.path.equals(path) && !opened.equals(objectStatus(status))) {
        closeLast(); // the object has been replaced
      }
    }
    return statuses;
  }

  private static ObjectStatus objectStatus(@Nullable Optional<FileStatus> cached) {
    FileStatus status = cached == null ? null : cached.orElse(null);
    return status == null || !status.isFile()
        ? ByteStore.NO_OBJECT
        : new ObjectStatus(status.getLen(), status.getModificationTime());
  }

  /** Reads from an open object. */
  interface Reading {
    void from(FSDataInputStream in) throws IOException;
  }

  /**
   * Reads from an object, which stays open until another is read.
   *
   * @return false if there is no such object
   */
  static boolean read(FileSystem files, Path path, Reading reading) throws IOException {
    Open open = LAST_OPENED.get();
    if (open == null || !open.path.equals(path)) {
      closeLast();
      try {
        FutureDataInputStreamBuilder builder =
            files.openFile(path).opt(READ_POLICY, "vector, random");
        Optional<FileStatus> cached = STATUSES.get().get(path);
        if (cached != null) {
          if (cached.isEmpty()) {
            return false;
          }
          builder.withFileStatus(cached.get());
        }
        open = new Open(path, FutureIO.awaitFuture(builder.build()));
      } catch (FileNotFoundException e) {
        return false;
      }
      LAST_OPENED.set(open);
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

  /** Closes what this thread has open. A failure is ignored, because what was read stays valid. */
  static void release() {
    STATUSES.remove();
    try {
      closeLast();
    } catch (IOException e) {
      LOG.debug("Cannot close what was read", e);
    }
  }

  /** Closes the object that this thread read last. */
  private static void closeLast() throws IOException {
    Open open = LAST_OPENED.get();
    LAST_OPENED.remove();
    if (open != null) {
      open.in.close();
    }
  }

  /**
   * Closes the object that was read last and drops a cached status, because the object at {@code
   * path} is being replaced.
   */
  static void invalidate(Path path) throws IOException {
    closeLast();
    STATUSES.get().remove(path);
  }
}
