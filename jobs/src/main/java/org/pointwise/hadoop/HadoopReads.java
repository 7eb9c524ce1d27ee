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
    try {
      FileStatus status = cache.status(files, path);
      if (!status.isFile()) {
        return false;
      }
      if (status.getLen() > max) {
        throw new ByteStore.TooLongException(path, status.getLen(), max);
      }
      readWhole(status, into.resize((int) status.getLen()), (int) status.getLen());
      return true;
    } catch (FileNotFoundException e) {
      return false;
    } catch (AccessControlException e) {
      throw denied(path, e);
    }
  }

  private void readWhole(FileStatus status, byte[] into, int length) throws IOException {
    // With the status, the file system need not request it again.
    try (FSDataInputStream in =
        FutureIO.awaitFuture(
            files
                .openFile(status.getPath())
                .withFileStatus(status)
                .opt(ReadCache.READ_POLICY, "whole-file, sequential")
                .build())) {
      in.readFully(0, into, 0, length);
    } catch (EOFException e) {
      throw endOfStream(status.getPath(), 0, length, e);
    }
  }

  /** Reads a range of an object; returns false if there is none. */
  boolean read(Path path, long offset, int length, Bytes into) throws IOException {
    try {
      return cache.read(files, path, in -> in.readFully(offset, into.resize(length), 0, length));
    } catch (EOFException e) {
      throw endOfStream(path, offset, length, e);
    } catch (AccessControlException e) {
      throw denied(path, e);
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
    } catch (AccessControlException e) {
      throw denied(path, e);
    }
  }

  /**
   * Returns the exception for missing rights; HDFS refuses expired credentials by the same one. Its
   * message ends with the stack trace of the server.
   */
  static IOException denied(Path path, AccessControlException e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return reason.startsWith("Permission denied")
        ? (IOException) new AccessDeniedException(path.toString(), null, reason).initCause(e)
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
