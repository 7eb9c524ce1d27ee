package org.pointwise.store;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Converts keys in the store of a root to keys in the store of a folder at or below the root.
 *
 * @param prefix of the folder's keys in the store of the root
 */
record KeysBelow(String prefix) {
  /** Returns the conversion for a path or URI; null if it lies elsewhere. */
  static @Nullable KeysBelow of(String root, String uri) {
    if (uri.equals(root)) {
      return new KeysBelow("");
    }
    return uri.startsWith(root + "/")
        ? new KeysBelow(uri.substring(root.length() + 1) + "/")
        : null;
  }

  /** Returns the values whose keys lie in the folder, by their keys there. */
  <V> Map<String, V> in(Map<String, V> values) {
    Map<String, V> below = new HashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            below.put(key.substring(prefix.length()), value);
          }
        });
    return below;
  }

  /** Returns the keys that lie in the folder, as keys there. */
  Set<String> in(Set<String> keys) {
    Set<String> below = new HashSet<>();
    for (String key : keys) {
      if (key.startsWith(prefix)) {
        below.add(key.substring(prefix.length()));
      }
    }
    return below;
  }
}
