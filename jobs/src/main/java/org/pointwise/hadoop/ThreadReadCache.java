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
 * What each thread knows of objects and has open: the status of those that it is about to read, so
 * that reads need no request for it, and the object that it read last.
 */
final class ThreadReadCache {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadReadCache.class);

  /** Says how a file will be read; unknown to older Hadoop, which ignores it. */
  static final String READ_POLICY = "fs.option.openfile.read.policy";

  private static final ThreadLocal<@Nullable Open> LAST = new ThreadLocal<>();

  /** What {@link #statusesOf} found. */
  private static final ThreadLocal<Map<Path, Optional<FileStatus>>> KNOWN =
      ThreadLocal.withInitial(HashMap::new);

  private static final int MOST_KNOWN = 10_000;

  private ThreadReadCache() {}

  /**
   * An object that a thread reads ranges of. Chunks of one shard are read one after another, and
   * opening costs an object store a request of its own.
   */
  private record Open(Path path, FSDataInputStream in) {}

  /**
   * The status of an object, asked for where it is not known.
   *
   * @throws FileNotFoundException where there is none
   */
  static FileStatus status(FileSystem files, Path path) throws IOException {
    Optional<FileStatus> known = KNOWN.get().get(path);
    if (known == null) {
      return files.getFileStatus(path);
    }
    return known.orElseThrow(() -> new FileNotFoundException(path.toString()));
  }

  /** As {@link ByteStore#statusesOf}; the statuses are known from then on, and no others. */
  static List<ObjectStatus> statusesOf(FileSystem files, List<Path> paths) throws IOException {
    Map<Path, Optional<FileStatus>> known = KNOWN.get();
    Open open = LAST.get();
    ObjectStatus opened = open == null ? ByteStore.NO_OBJECT : objectStatus(known.get(open.path));
    known.clear();
    List<ObjectStatus> statuses = new ArrayList<>(paths.size());
    for (Path path : paths) {
      Optional<FileStatus> status;
      try {
        status = Optional.of(files.getFileStatus(path));
      } catch (FileNotFoundException e) {
        status = Optional.empty();
      }
      if (known.size() < MOST_KNOWN) {
        known.put(path, status);
      }
      statuses.add(objectStatus(status));
      if (open != null && open.path.equals(path) && !opened.equals(objectStatus(status))) {
        closeLast(); // it is another object by now
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

  /** What is read of an open object. */
  interface Reading {
    void from(FSDataInputStream in) throws IOException;
  }

  /**
   * Reads of an object, which stays open until another is read.
   *
   * @return false where there is none
   */
  static boolean read(FileSystem files, Path path, Reading reading) throws IOException {
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

  /** Closes what this thread has open; what it has read is good whether that succeeds or not. */
  static void release() {
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

  /** What is replaced is not to be read on. */
  static void forget(Path path) throws IOException {
    closeLast();
    KNOWN.get().remove(path);
  }
}
