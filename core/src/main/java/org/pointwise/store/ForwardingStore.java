package org.pointwise.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A store that passes each request on to another store. Subclasses change some of them. Puts are
 * atomic if those of the other store are, but staging and synchronisation cannot be chosen, and
 * nothing can be renamed.
 */
abstract class ForwardingStore implements ByteStore {
  private final ByteStore store;

  ForwardingStore(ByteStore store) {
    this.store = store;
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
    return store.size(key);
  }

  @Override
  public long modified(String key) throws IOException {
    return store.modified(key);
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    return store.read(key, into, max);
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
