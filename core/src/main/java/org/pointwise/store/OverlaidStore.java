package org.pointwise.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A store in which some small objects have other contents, and others do not exist. For reading:
 * {@link #size} and reads of whole objects return these contents. Everything else, including
 * writes, listings and reads of ranges, goes to the underlying store.
 */
public final class OverlaidStore implements ByteStore {
  private final ByteStore store;
  private final Map<String, byte[]> contents;
  private final Set<String> hidden;

  /**
   * @param contents by key; must not change afterwards
   * @param hidden keys of objects that do not exist in this store; must not change afterwards
   */
  public OverlaidStore(ByteStore store, Map<String, byte[]> contents, Set<String> hidden) {
    this.store = store;
    this.contents = contents;
    this.hidden = hidden;
  }

  @Override
  public String uri() {
    return store.uri();
  }

  @Override
  public boolean isRemote() {
    return store.isRemote();
  }

  @Override
  public long size(String key) throws IOException {
    if (hidden.contains(key)) {
      return -1;
    }
    byte[] content = contents.get(key);
    return content == null ? store.size(key) : content.length;
  }

  @Override
  public long modified(String key) throws IOException {
    return store.modified(key);
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    if (hidden.contains(key)) {
      return false;
    }
    byte[] content = contents.get(key);
    if (content == null) {
      return store.read(key, into, max);
    }
    System.arraycopy(content, 0, into.resize(content.length), 0, content.length);
    return true;
  }

  @Override
  public boolean read(String key, long offset, int length, Bytes into) throws IOException {
    return store.read(key, offset, length, into);
  }

  @Override
  public boolean read(String key, long[] offsets, int[] lengths, Bytes[] into) throws IOException {
    return store.read(key, offsets, lengths, into);
  }

  @Override
  public Upload upload(String key) throws IOException {
    return store.upload(key);
  }

  @Override
  public boolean create(String key, byte[] bytes) throws IOException {
    return store.create(key, bytes);
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
  public List<ObjectStatus> statusesOf(List<String> keys) throws IOException {
    return store.statusesOf(keys);
  }

  @Override
  public void release() {
    store.release();
  }

  @Override
  public void delete(String key) throws IOException {
    store.delete(key);
  }
}
