package org.pointwise.store;

import java.util.Map;
import java.util.Set;

/**
 * Stores in which some small objects under one root have other contents, and others do not exist,
 * as {@link OverlaidStore} describes. For reading.
 *
 * @param root the path or URI of the root
 * @param contents by key in the store of the root
 * @param hidden keys in the store of the root of objects that do not exist
 */
public record OverlaidStores(
    String root, ByteStores stores, Map<String, byte[]> contents, Set<String> hidden)
    implements ByteStores {
  @Override
  public ByteStore open(String uri) {
    ByteStore store = stores.open(uri);
    KeysBelow below = KeysBelow.of(root, uri);
    return below == null ? store : new OverlaidStore(store, below.in(contents), below.in(hidden));
  }

  @Override
  public void release() {
    stores.release();
  }

  @Override
  public String canonical(String uri) {
    return stores.canonical(uri);
  }
}
