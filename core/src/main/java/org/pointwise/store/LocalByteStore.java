package org.pointwise.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;

/** A folder of the local file system. Writes to temporary files, which it then renames. */
public final class LocalByteStore implements ByteStore {
  private final Path root;
  private final @Nullable Path staging; // null: the folder of the target
  private final boolean sync;

  public LocalByteStore(Path root) {
    this(root, null, true);
  }

  private LocalByteStore(Path root, @Nullable Path staging, boolean sync) {
    this.root = root;
    this.staging = staging;
    this.sync = sync;
  }

  @Override
  public ByteStore withStaging(String folder) {
    return new LocalByteStore(root, ByteStores.localPath(folder), sync);
  }

  @Override
  public ByteStore withoutSync() {
    return new LocalByteStore(root, staging, false);
  }

  @Override
  public String uri() {
    return root.toString();
  }

  private Path path(String key) {
    try {
      return key.isEmpty() ? root : root.resolve(ByteStore.checkKey(key));
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
          "Cannot use key '%s': it is no path of this file system; use another name".formatted(key),
          e);
    }
  }

  @Override
  public long size(String key) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path(key), BasicFileAttributes.class);
      return attributes.isRegularFile() ? attributes.size() : -1;
    } catch (FileSystemException e) {
      isAbsent(key, e);
      return -1;
    }
  }

  @Override
  public long modified(String key) throws IOException {
    try {
      return Files.getLastModifiedTime(path(key)).toMillis();
    } catch (FileSystemException e) {
      isAbsent(key, e);
      return -1;
    }
  }

  /**
   * Returns false where the file does not exist or one of its folders is a file; else rethrows the
   * failure.
   */
  private boolean isAbsent(String key, FileSystemException e) throws FileSystemException {
    if (e instanceof NoSuchFileException
        || e instanceof NotDirectoryException
        || (!(e instanceof AccessDeniedException) && !Files.exists(path(key)))) {
      return false;
    }
    throw e;
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    try (FileChannel channel = FileChannel.open(path(key), StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > max) {
        throw new TooLongException(path(key), size, max);
      }
      fill(channel, 0, (int) size, into, key);
      return true;
    } catch (FileSystemException e) {
      return isAbsent(key, e);
    }
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    try (FileChannel channel = FileChannel.open(path(key), StandardOpenOption.READ)) {
      fill(channel, offset, length, into, key);
      return true;
    } catch (FileSystemException e) {
      return isAbsent(key, e);
    }
  }

  private void fill(FileChannel channel, long offset, int length, Bytes into, String key)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into.resize(length), 0, length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new TruncatedException(path(key), channel.size(), offset, length);
      }
    }
  }

  @Override
  public Upload upload(String key) throws IOException {
    Path target = path(key);
    Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent());
    try {
      createFolder(folder);
      if (staging != null) {
        createFolder(staging);
      }
      return new LocalUpload(target, folder, staging == null ? folder : staging, sync);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("%s is a file but must be a folder".formatted(e.getFile()), e);
    }
  }

  private static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
  }

  @Override
  public boolean create(String key, byte[] bytes) throws IOException {
    Path target = path(key);
    Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent());
    Files.createDirectories(folder);
    return LocalUpload.create(target, folder, bytes);
  }

  @Override
  public List<String> list(String folder) throws IOException {
    if (!Files.isDirectory(path(folder))) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(path(folder))) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public Map<String, ObjectStatus> statuses(String folder) throws IOException {
    Map<String, ObjectStatus> statuses = new HashMap<>();
    for (String name : list(folder)) {
      String key = ByteStore.join(folder, name);
      long size = size(key);
      if (size >= 0) {
        statuses.put(name, new ObjectStatus(size, modified(key)));
      }
    }
    return statuses;
  }

  @Override
  public boolean movable(String folder) throws IOException {
    Path path = path(folder);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    Path around = Objects.requireNonNull(path.toAbsolutePath().getParent());
    return !Files.isSymbolicLink(path)
        && Files.getFileStore(path).equals(Files.getFileStore(around));
  }

  @Override
  public void move(String from, String to) throws IOException {
    if (Files.exists(path(to), LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(path(to).toString());
    }
    Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String key) throws IOException {
    FileTree.delete(path(key));
  }
}
