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
 * Caches the statuses of the objects that are about to be read, so that reads need no request for
 * them, and the object that was read last, which stays open. Each thread has one; a reader that
 * moves between threads has its own.
 */
final class ReadCache {
  private static final Logger LOG = LoggerFactory.getLogger(ReadCache.class);

  /** The option that declares how a file will be read. Older versions of Hadoop ignore it. */
  static final String READ_POLICY = "fs.option.openfile.read.policy";

  private static final ThreadLocal<ReadCache> OF_THREAD = ThreadLocal.withInitial(ReadCache::new);

  private static final int MAX_STATUSES = 10_000;

  /** The statuses that {@link #statusesOf} found. */
  private final Map<Path, Optional<FileStatus>> cached = new HashMap<>();

  private @Nullable Open lastOpened;

  /** Returns the cache of this thread. */
  static ReadCache ofThread() {
    return OF_THREAD.get();
  }

  /**
   * An object of which ranges are read. It stays open because chunks of one shard are read one
   * after another, and opening an object costs a request to an object store.
   */
  private record Open(Path path, FSDataInputStream in) {}

  /**
   * Returns the cached status of an object; requests it if it is not cached.
   *
   * @throws FileNotFoundException if there is no such object
   */
  synchronized FileStatus status(FileSystem files, Path path) throws IOException {
    Optional<FileStatus> known = cached.get(path);
    if (known == null) {
      return files.getFileStatus(path);
    }
    return known.orElseThrow(() -> new FileNotFoundException(path.toString()));
  }

  /** Implements {@link ByteStore#statusesOf}. Replaces all cached statuses by these. */
  synchronized List<ObjectStatus> statusesOf(FileSystem files, List<Path> paths)
      throws IOException {
    Open open = lastOpened;
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

  private static ObjectStatus objectStatus(@Nullable Optional<FileStatus> known) {
    FileStatus status = known == null ? null : known.orElse(null);
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
  synchronized boolean read(FileSystem files, Path path, Reading reading) throws IOException {
    Open open = lastOpened;
    if (open == null || !open.path.equals(path)) {
      closeLast();
      try {
        FutureDataInputStreamBuilder builder =
            files.openFile(path).opt(READ_POLICY, "vector, random");
        Optional<FileStatus> status = cached.get(path);
        if (status != null) {
          if (status.isEmpty()) {
            return false;
          }
          builder.withFileStatus(status.get());
        }
        open = new Open(path, FutureIO.awaitFuture(builder.build()));
      } catch (FileNotFoundException e) {
        return false;
      }
      lastOpened = open;
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

  /** Closes what is open. A failure is ignored, because what was read stays valid. */
  synchronized void release() {
    cached.clear();
    try {
      closeLast();
    } catch (IOException e) {
      LOG.debug("Cannot close what was read", e);
    }
  }

  /** Closes the object that was read last. */
  private void closeLast() throws IOException {
    Open open = lastOpened;
    lastOpened = null;
    if (open != null) {
      open.in.close();
    }
  }

  /**
   * Closes the object that was read last and drops a cached status, because the object at {@code
   * path} is being replaced.
   */
  synchronized void invalidate(Path path) throws IOException {
    closeLast();
    cached.remove(path);
  }
}
