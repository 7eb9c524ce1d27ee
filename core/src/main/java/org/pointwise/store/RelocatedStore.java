package org.pointwise.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A store of which some objects are read from another store, and others do not exist. An object
 * that is gone from the other store is an error, not an object that does not exist. For reading:
 * writes and listings go to the underlying store.
 */
final class RelocatedStore extends ForwardingStore {
  private final ByteStore other;
  private final Map<String, String> moved; // key in other; empty if the object does not exist

  RelocatedStore(ByteStore store, ByteStore other, Map<String, String> moved) {
    super(store);
    this.other = other;
    this.moved = moved;
  }

  @Override
  public long size(String key) throws IOException {
    String relocated = moved.get(key);
    return relocated == null
        ? super.size(key)
        : relocated.isEmpty() ? -1 : present(relocated).size();
  }

  private ObjectStatus present(String relocated) throws IOException {
    ObjectStatus status = other.statusesOf(List.of(relocated)).get(0);
    requireFound(status.size() >= 0, relocated);
    return status;
  }

  private boolean requireFound(boolean found, String relocated) throws IOException {
    if (!found) {
      throw new FileNotFoundException(ByteStore.join(other.uri(), relocated) + " is gone");
    }
    return true;
  }

  @Override
  public long modified(String key) throws IOException {
    String relocated = moved.get(key);
    return relocated == null
        ? super.modified(key)
        : relocated.isEmpty() ? -1 : present(relocated).modified();
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    String relocated = moved.get(key);
    return relocated == null
        ? super.read(key, into, max)
        : !relocated.isEmpty() && requireFound(other.read(relocated, into, max), relocated);
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    String relocated = moved.get(key);
    return relocated == null
        ? super.read(key, offset, length, into)
        : !relocated.isEmpty()
            && requireFound(other.read(relocated, offset, length, into), relocated);
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    String relocated = moved.get(key);
    return relocated == null
        ? super.read(key, offsets, lengths, into)
        : !relocated.isEmpty()
            && requireFound(other.read(relocated, offsets, lengths, into), relocated);
  }

  @Override
  public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    List<ObjectStatus> statuses = new ArrayList<>();
    for (String key : keys) {
      String relocated = moved.get(key);
      statuses.add(
          relocated == null
              ? super.statusesOf(List.of(key)).get(0)
              : relocated.isEmpty() ? NO_OBJECT : present(relocated));
    }
    return statuses;
  }

  @Override
  public void release() {
    super.release();
    other.release();
  }
}
