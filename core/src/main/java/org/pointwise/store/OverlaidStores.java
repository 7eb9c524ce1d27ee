package org.pointwise.store;

import java.util.HashMap;
import java.util.HashSet;
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
    if (!uri.equals(root) && !uri.startsWith(root + "/")) {
      return store;
    }
    String within = uri.equals(root) ? "" : uri.substring(root.length() + 1) + "/";
    Map<String, byte[]> below = new HashMap<>();
    contents.forEach(
        (key, content) -> {
          if (key.startsWith(within)) {
            below.put(key.substring(within.length()), content);
          }
        });
    Set<String> gone = new HashSet<>();
    for (String key : hidden) {
      if (key.startsWith(within)) {
        gone.add(key.substring(within.length()));
      }
    }
    return new OverlaidStore(store, below, gone);
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
