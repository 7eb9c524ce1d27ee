package org.pointwise.store;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * A store in which some small objects have other contents, and others do not exist. For reading:
 * {@link #size} and reads of whole objects return these contents. Everything else, including
 * writes, listings and reads of ranges, goes to the underlying store.
 */
public final class OverlaidStore extends ForwardingStore {
  private final Map<String, byte[]> contents;
  private final Set<String> hidden;

  /**
   * @param contents by key; must not change afterwards
   * @param hidden keys of objects that do not exist in this store; must not change afterwards
   */
  public OverlaidStore(ByteStore store, Map<String, byte[]> contents, Set<String> hidden) {
    super(store);
    this.contents = contents;
    this.hidden = hidden;
  }

  @Override
  public long size(String key) throws IOException {
    if (hidden.contains(key)) {
      return -1;
    }
    byte[] content = contents.get(key);
    return content == null ? super.size(key) : content.length;
  }

  @Override
  public boolean read(String key, Bytes into, int max) throws IOException {
    if (hidden.contains(key)) {
      return false;
    }
    byte[] content = contents.get(key);
    if (content == null) {
      return super.read(key, into, max);
    }
    System.arraycopy(content, 0, into.resize(content.length), 0, content.length);
    return true;
  }
}
