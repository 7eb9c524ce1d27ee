package org.pointwise.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;

/**
 * Named byte strings under one root: a folder or a prefix of a bucket. Keys are relative, separated
 * by {@code /}; absolute keys and keys with {@code ..} are rejected with {@link
 * InvalidInputException}. The empty key is the root itself.
 *
 * <p>Thread-safe. A key that does not exist is not an error: methods return null, false or −1.
 */
public interface ByteStore extends ByteSource {
  /** Returns the root, as the user would write it. */
  @Override
  String uri();

  /**
   * Returns when an object was last written, in milliseconds since the epoch; −1 where it does not
   * exist.
   */
  long modified(String key) throws IOException;

  /**
   * Reads a whole object.
   *
   * @return false where it does not exist
   * @throws TooLongException when it is longer than {@code max} bytes
   */
  boolean read(String key, Bytes into, int max) throws IOException;

  /** An object is longer than the largest expected length. */
  final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    public TooLongException(Object where, long bytes, int max) {
      super("%s has %d bytes but at most %d were expected".formatted(where, bytes, max));
    }
  }

  /**
   * An object ends before the requested bytes. Failures of the store are never reported by this
   * exception.
   */
  final class TruncatedException extends IOException {
    private static final long serialVersionUID = 1;

    public TruncatedException(Object where, long bytes, long offset, long length) {
      super(
          "%s ends at byte %d but bytes %d to %d were expected"
              .formatted(where, bytes, offset, offset + length));
    }
  }

  /**
   * Reads several ranges of one object, concurrently where the store supports it.
   *
   * @param into one for each range
   * @return false where no such object exists
   * @throws TruncatedException when the object ends before
   */
  default boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    for (int i = 0; i < offsets.length; i++) {
      if (!read(key, offsets[i], lengths[i], into[i])) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a request is so slow that several ranges should be read in one call. */
  default boolean isRemote() {
    return false;
  }

  /**
   * Creates or replaces an object atomically: a reader sees the old object, none, or the complete
   * new one. The same holds after a power loss, unless the store is {@link #withoutSync}.
   */
  default void put(String key, byte[] bytes, int from, int length) throws IOException {
    try (Upload upload = upload(key)) {
      upload.write(bytes, from, length);
      upload.publish();
    }
  }

  /** Begins an object of any length that is written in pieces, as by {@link #put}. */
  Upload upload(String key) throws IOException;

  /**
   * An object that is being written; no part of it is visible before it is published. Confined to
   * one thread.
   */
  interface Upload extends Closeable {
    /** Appends bytes. */
    void write(byte[] bytes, int from, int length) throws IOException;

    /** Creates or replaces the object atomically with all bytes written. */
    void publish() throws IOException;

    /** Discards the bytes if they are not published; nothing of them remains. */
    @Override
    void close() throws IOException;
  }

  /**
   * Creates an object unless one of that name exists. Of several callers, one succeeds; in an
   * object store without conditional puts, several may succeed. Readers may see the object empty
   * before it is complete.
   *
   * @return whether this call created the object
   */
  boolean create(String key, byte[] bytes) throws IOException;

  /**
   * Returns the same store, except that puts and uploads first write to {@code folder} on the same
   * file system instead of beside their target. Files that a killed process leaves in {@code
   * folder} are harmless. Where a put is atomic by itself, returns this store.
   */
  default ByteStore withStaging(String folder) {
    return this;
  }

  /** Returns the same store, except that puts do not wait until their bytes are on disk. */
  default ByteStore withoutSync() {
    return this;
  }

  /**
   * Returns the names of the objects and folders directly under {@code folder}, sorted; empty if
   * none.
   */
  List<String> list(String folder) throws IOException;

  /** Length and modification time of an object, by {@link #size} and {@link #modified}. */
  record ObjectStatus(long size, long modified) {}

  /** Returns the objects directly under {@code folder} by name, in few requests; empty if none. */
  Map<String, ObjectStatus> statuses(String folder) throws IOException;

  /** The status of an object that does not exist. */
  ObjectStatus NO_OBJECT = new ObjectStatus(-1, -1);

  /**
   * Returns length and modification time of these objects; {@link #NO_OBJECT} for those that do not
   * exist. Until the next such call by this thread, its reads may assume that these objects do not
   * change.
   */
  default List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    List<ObjectStatus> statuses = new ArrayList<>(keys.size());
    for (String key : keys) {
      long size = size(key);
      statuses.add(size < 0 ? NO_OBJECT : new ObjectStatus(size, modified(key)));
    }
    return statuses;
  }

  /**
   * Returns whether {@link #move} can rename a folder, which need not exist yet. False in an object
   * store, and where the folder is a link or the root of another file system.
   */
  default boolean movable(String folder) throws IOException {
    return false;
  }

  /**
   * Renames an object or a folder under this root in one step. The new name must not exist.
   *
   * @throws UnsupportedOperationException in a store in which nothing is {@link #movable}
   */
  default void move(String from, String to) throws IOException {
    throw new UnsupportedOperationException(uri() + " cannot rename");
  }

  /** Deletes an object, or a folder with its contents. No error when it does not exist. */
  void delete(String key) throws IOException;

  /** Returns a small object as a whole; null where it does not exist. */
  default byte @Nullable [] get(String key) throws IOException {
    Bytes bytes = new Bytes();
    return read(key, bytes, MAX_METADATA_BYTES) ? bytes.toArray() : null;
  }

  default void put(String key, byte[] bytes) throws IOException {
    put(key, bytes, 0, bytes.length);
  }

  /** Metadata beyond this size is rejected as hostile. */
  int MAX_METADATA_BYTES = 64 << 20;

  /** Rejects a key that leaves the store. */
  static String checkKey(String key) {
    if (key.startsWith("/") || key.contains("\\") || key.indexOf('\0') >= 0) {
      throw new InvalidInputException(
          "Cannot use key '%s': it leaves its store; use a relative path".formatted(key));
    }
    for (String part : key.split("/", -1)) {
      if (part.equals("..")) {
        throw new InvalidInputException(
            "Cannot use key '%s': it leaves its store; use a path without ..".formatted(key));
      }
    }
    return key;
  }

  /** Returns {@code folder/name}, or {@code name} at the root. */
  static String join(String folder, String name) {
    return folder.isEmpty() ? name : name.isEmpty() ? folder : folder + "/" + name;
  }
}
