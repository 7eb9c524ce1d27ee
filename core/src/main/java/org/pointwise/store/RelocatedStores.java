package org.pointwise.store;

import java.util.Map;

/**
 * Stores in which some objects under one root are read from another store, and others do not exist.
 * For reading alone.
 *
 * @param root the path or URI of the root
 * @param other the store that holds the objects
 * @param moved the key in {@code other} by the key in the store of the root; empty for an object
 *     that does not exist
 */
public record RelocatedStores(
    String root, ByteStores stores, ByteStore other, Map<String, String> moved)
    implements ByteStores {
  @Override
  public ByteStore open(String uri) {
    ByteStore store = stores.open(uri);
    KeysBelow below = KeysBelow.of(root, uri);
    return below == null ? store : new RelocatedStore(store, other, below.in(moved));
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
