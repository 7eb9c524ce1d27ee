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
 * by {@code /}; one that is absolute or climbs with {@code ..} is refused with {@link
 * InvalidInputException}. The empty key is the root itself.
 *
 * <p>Thread-safe. A key that does not exist is no error: it is null, false or −1.
 */
public interface ByteStore extends ByteSource {
  /** The root, as the user would write it. */
  @Override
  String uri();

  /** When an object was last written, milliseconds of the epoch; −1 when there is none. */
  long modified(String key) throws IOException;

  /**
   * Reads a whole object.
   *
   * @return false when there is none
   * @throws TooLongException when it is longer than {@code max} bytes
   */
  boolean read(String key, Bytes into, int max) throws IOException;

  /** An object is longer than any that is expected there. */
  final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    public TooLongException(Object where, long bytes, int max) {
      super("%s has %d bytes but at most %d were expected".formatted(where, bytes, max));
    }
  }

  /** An object ends before the bytes that were asked for; no failure of the store looks like it. */
  final class TruncatedException extends IOException {
    private static final long serialVersionUID = 1;

    public TruncatedException(Object where, long bytes, long offset, long length) {
      super(
          "%s ends at byte %d but bytes %d to %d were expected"
              .formatted(where, bytes, offset, offset + length));
    }
  }

  /**
   * Reads several ranges of one object, at once where the store can.
   *
   * @param into one for each range
   * @return false when there is no such object
   * @throws TruncatedException when it ends before
   */
  default boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    for (int i = 0; i < offsets.length; i++) {
      if (!read(key, offsets[i], lengths[i], into[i])) {
        return false;
      }
    }
    return true;
  }

  /** Whether a request costs so much that several ranges are better read at once. */
  default boolean isRemote() {
    return false;
  }

  /**
   * Creates or replaces an object atomically: a reader sees the old one, none, or the whole new
   * one. So it is after a power loss, unless the store is {@link #withoutSync}.
   */
  default void put(String key, byte[] bytes, int from, int length) throws IOException {
    try (Upload upload = upload(key)) {
      upload.write(bytes, from, length);
      upload.publish();
    }
  }

  /** Begins an object of any length, which is {@link #put} piece by piece. */
  Upload upload(String key) throws IOException;

  /**
   * An object on its way into a store; nothing of it can be seen before it is published. Confined
   * to one thread.
   */
  interface Upload extends Closeable {
    /** Adds bytes behind those that were written before. */
    void write(byte[] bytes, int from, int length) throws IOException;

    /** Creates or replaces the object with all that was written, atomically. */
    void publish() throws IOException;

    /** Gives up what is not published, and leaves nothing of it. */
    @Override
    void close() throws IOException;
  }

  /**
   * Creates an object unless one of that name exists; of several callers one succeeds. An object
   * store that has no conditional put may let several succeed. Others may see it empty before it is
   * whole.
   *
   * @return whether this call created it
   */
  boolean create(String key, byte[] bytes) throws IOException;

  /**
   * The same store, but what it puts or uploads is first written to {@code folder}, which lies on
   * the same file system, and not beside its target: what a killed process leaves there hurts
   * nobody. Where a put is atomic by itself, the store as it is.
   */
  default ByteStore withStaging(String folder) {
    return this;
  }

  /** The same store, but a put does not wait until its bytes are on the disk. */
  default ByteStore withoutSync() {
    return this;
  }

  /** Names of the objects and folders directly under {@code folder}, sorted; empty if none. */
  List<String> list(String folder) throws IOException;

  /** Length and time of change of an object, by {@link #size} and {@link #modified}. */
  record ObjectStatus(long size, long modified) {}

  /** The objects directly under {@code folder} by name, in few requests; empty if none. */
  Map<String, ObjectStatus> statuses(String folder) throws IOException;

  /** The status of an object that does not exist. */
  ObjectStatus NO_OBJECT = new ObjectStatus(-1, -1);

  /**
   * Length and time of change of these objects; {@link #NO_OBJECT} where there is none. Until the
   * next such call by this thread, its reads may assume that these objects do not change.
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
   * Whether {@link #move} can give a folder, or one that is not there yet, another name: not in an
   * object store, and not where it is a link or another file system begins.
   */
  default boolean movable(String folder) throws IOException {
    return false;
  }

  /**
   * Gives an object or a folder another name under this root, in one step. Nothing of that name may
   * exist.
   *
   * @throws UnsupportedOperationException in a store of which nothing is {@link #movable}
   */
  default void move(String from, String to) throws IOException {
    throw new UnsupportedOperationException(uri() + " cannot rename");
  }

  /** Deletes an object, or a folder with all it holds. No error when there is none. */
  void delete(String key) throws IOException;

  /** A small object, whole; null when there is none. */
  default byte @Nullable [] get(String key) throws IOException {
    Bytes bytes = new Bytes();
    return read(key, bytes, MAX_METADATA_BYTES) ? bytes.toArray() : null;
  }

  default void put(String key, byte[] bytes) throws IOException {
    put(key, bytes, 0, bytes.length);
  }

  /** Metadata beyond this size is refused as hostile. */
  int MAX_METADATA_BYTES = 64 << 20;

  /** Refuses a key that leaves the store. */
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

  /** {@code folder/name}, or {@code name} at the root. */
  static String join(String folder, String name) {
    return folder.isEmpty() ? name : name.isEmpty() ? folder : folder + "/" + name;
  }
}
