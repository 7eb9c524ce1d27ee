package org.pointwise.hadoop;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.functional.FutureIO;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/** Reads objects of a file system, and distinguishes truncated objects from lost connections. */
record HadoopReads(FileSystem files, ReadCache cache) {
  /** Reads a whole object; returns false if there is none. */
  boolean read(Path path, Bytes into, int max) throws IOException {
    FileStatus status;
    try {
      status = cache.status(files, path);
    } catch (FileNotFoundException e) {
      return false;
    } catch (AccessControlException e) {
      throw denied(path, e);
    }
    if (!status.isFile()) {
      return false;
    }
    if (status.getLen() > max) {
      throw new ByteStore.TooLongException(path, status.getLen(), max);
    }
    int length = (int) status.getLen();
    // With the status, the file system need not request it again.
    try (FSDataInputStream in =
        FutureIO.awaitFuture(
            files
                .openFile(status.getPath())
                .withFileStatus(status)
                .opt(ReadCache.READ_POLICY, "whole-file, sequential")
                .build())) {
      in.readFully(0, into.resize(length), 0, length);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    } catch (EOFException e) {
      throw endOfStream(path, 0, length, e);
    }
  }

  /** Reads a range of an object; returns false if there is none. */
  boolean read(Path path, long offset, int length, Bytes into) throws IOException {
    try {
      return cache.read(files, path, in -> in.readFully(offset, into.resize(length), 0, length));
    } catch (EOFException e) {
      throw endOfStream(path, offset, length, e);
    }
  }

  /**
   * Reads ranges of an object that are {@link VectoredReads#areDisjoint}; returns false if there is
   * none.
   */
  boolean read(Path path, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    try {
      return cache.read(files, path, in -> VectoredReads.read(in, offsets, lengths, into));
    } catch (EOFException e) {
      int last = 0;
      for (int i = 1; i < offsets.length; i++) {
        last = offsets[i] > offsets[last] ? i : last;
      }
      throw endOfStream(path, offsets[last], lengths[last], e);
    }
  }

  /** Returns the exception for missing rights; HDFS refuses expired credentials by the same one. */
  static IOException denied(Path path, AccessControlException e) {
    return String.valueOf(e.getMessage()).startsWith("Permission denied")
        ? (IOException)
            new AccessDeniedException(path.toString(), null, e.getMessage()).initCause(e)
        : e;
  }

  /**
   * Returns the meaning of the end of a stream: the object is too short, or else the connection was
   * lost, which Hadoop reports by the same exception.
   */
  private IOException endOfStream(Path path, long offset, long length, EOFException e)
      throws IOException {
    long bytes = files.getFileStatus(path).getLen();
    return bytes < offset + length
        ? new ByteStore.TruncatedException(path, bytes, offset, length)
        : new IOException("Reading %s was cut short: %s".formatted(path, e.getMessage()), e);
  }
}
