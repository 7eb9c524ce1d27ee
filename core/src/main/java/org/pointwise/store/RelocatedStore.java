package org.pointwise.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A store of which some objects are read from another store, and others do not exist. For reading
 * alone.
 */
final class RelocatedStore implements ByteStore {
  private final ByteStore store;
  private final ByteStore other;
  private final Map<String, String> moved; // key in other; empty if the object does not exist

  RelocatedStore(ByteStore store, ByteStore other, Map<String, String> moved) {
    this.store = store;
    this.other = other;
    this.moved = moved;
  }

  @Override
  public String uri() {
    return store.uri();
  }

  @Override
  public boolean isRemote() {
    return store.isRemote();
  }

  private boolean isHidden(String key) {
    return moved.getOrDefault(key, key).isEmpty();
  }

  private ByteStore storeOf(String key) {
    return moved.containsKey(key) ? other : store;
  }

  private String keyOf(String key) {
    return moved.getOrDefault(key, key);
  }

  @Override
  public long size(String key) throws IOException {
    return isHidden(key) ? -1 : storeOf(key).size(keyOf(key));
  }

  @Override
  public long modified(String key) throws IOException {
    return isHidden(key) ? -1 : storeOf(key).modified(keyOf(key));
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    return !isHidden(key) && storeOf(key).read(keyOf(key), into, max);
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    return !isHidden(key) && storeOf(key).read(keyOf(key), offset, length, into);
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    return !isHidden(key) && storeOf(key).read(keyOf(key), offsets, lengths, into);
  }

  @Override
  public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    List<ObjectStatus> statuses = new ArrayList<>();
    for (String key : keys) {
      statuses.add(isHidden(key) ? NO_OBJECT : storeOf(key).statusesOf(List.of(keyOf(key))).get(0));
    }
    return statuses;
  }

  @Override
  public List<String> list(String folder) throws IOException {
    return store.list(folder);
  }

  @Override
  public Map<String, ObjectStatus> statuses(String folder) throws IOException {
    return store.statuses(folder);
  }

  @Override
  public void release() {
    store.release();
    other.release();
  }

  @Override
  public Upload upload(String key) {
    throw new UnsupportedOperationException("This view of " + uri() + " is for reading");
  }

  @Override
  public boolean create(String key, byte[] bytes) {
    throw new UnsupportedOperationException("This view of " + uri() + " is for reading");
  }

  @Override
  public void delete(String key) {
    throw new UnsupportedOperationException("This view of " + uri() + " is for reading");
  }
}
