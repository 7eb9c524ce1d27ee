package org.pointwise.store;

import java.util.HashMap;
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
    if (!uri.equals(root) && !uri.startsWith(root + "/")) {
      return store;
    }
    String within = uri.equals(root) ? "" : uri.substring(root.length() + 1) + "/";
    Map<String, String> below = new HashMap<>();
    moved.forEach(
        (key, to) -> {
          if (key.startsWith(within)) {
            below.put(key.substring(within.length()), to);
          }
        });
    return new RelocatedStore(store, other, below);
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
