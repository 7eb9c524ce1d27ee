package org.pointwise.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A store of which some objects are read from another store, and others do not exist. For reading:
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
    String there = moved.get(key);
    return there == null ? super.size(key) : there.isEmpty() ? -1 : other.size(there);
  }

  @Override
  public long modified(String key) throws IOException {
    String there = moved.get(key);
    return there == null ? super.modified(key) : there.isEmpty() ? -1 : other.modified(there);
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    String there = moved.get(key);
    return there == null
        ? super.read(key, into, max)
        : !there.isEmpty() && other.read(there, into, max);
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    String there = moved.get(key);
    return there == null
        ? super.read(key, offset, length, into)
        : !there.isEmpty() && other.read(there, offset, length, into);
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    String there = moved.get(key);
    return there == null
        ? super.read(key, offsets, lengths, into)
        : !there.isEmpty() && other.read(there, offsets, lengths, into);
  }

  @Override
  public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    List<ObjectStatus> statuses = new ArrayList<>();
    for (String key : keys) {
      String there = moved.get(key);
      statuses.add(
          there == null
              ? super.statusesOf(List.of(key)).get(0)
              : there.isEmpty() ? NO_OBJECT : other.statusesOf(List.of(there)).get(0));
    }
    return statuses;
  }

  @Override
  public void release() {
    super.release();
    other.release();
  }
}
