package org.pointwise.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a local file under a temporary name, in the target or staging folder, and renames it. */
final class LocalUpload implements ByteStore.Upload {
  private final Path target;
  private final Path folder;
  private final Path written;
  private final FileChannel channel;
  private final boolean sync;

  /**
   * @param folder of the target
   * @param staging the folder in which the file is written
   * @param sync whether to force the file to disk before it becomes visible
   */
  LocalUpload(Path target, Path folder, Path staging, boolean sync) throws IOException {
    this.target = target;
    this.folder = folder;
    this.sync = sync;
    this.written = unfinished(staging);
    this.channel =
        FileChannel.open(written, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  @Override
  public void publish() throws IOException {
    finish(channel);
    try {
      rename(written);
    } catch (AtomicMoveNotSupportedException e) { // aside is on another file system
      Path copy = unfinished(folder);
      try {
        Files.copy(written, copy);
        try (FileChannel copied = FileChannel.open(copy, StandardOpenOption.WRITE)) {
          finish(copied);
        }
        rename(copy);
      } finally {
        Files.deleteIfExists(copy);
      }
    }
  }

  private void finish(FileChannel file) throws IOException {
    if (sync) {
      file.force(true);
    }
    file.close();
  }

  private void rename(Path from) throws IOException {
    try {
      Files.move(from, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      if (Files.isDirectory(target)) {
        throw new IOException("%s is a folder but must be a file; remove it".formatted(target));
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(written);
  }

  private static Path unfinished(Path folder) {
    return folder.resolve(".pointwise-" + UUID.randomUUID() + ".tmp");
  }

  /**
   * Creates a small file, atomically where the file system supports hard links; returns false if
   * the file exists.
   *
   * @param folder of the target
   */
  static boolean create(Path target, Path folder, byte[] bytes) throws IOException {
    Path written = unfinished(folder);
    try {
      Files.write(written, bytes, StandardOpenOption.CREATE_NEW);
      try {
        Files.createLink(target, written); // a link makes the complete file visible at once
      } catch (UnsupportedOperationException | FileSystemException e) {
        Files.write(target, bytes, StandardOpenOption.CREATE_NEW);
      }
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
