package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/**
 * A place that may hold an array. It keeps what it has asked the store, so that several formats can
 * look at it for the price of one. Confined to one thread.
 */
public final class Location {
  private final ByteStores stores;
  private final String uri;
  private @Nullable Long size;
  private @Nullable List<String> names;

  /**
   * @param uri a path or URI, as a user writes it
   */
  public Location(ByteStores stores, String uri) {
    this.stores = stores;
    this.uri = ByteStores.absolute(uri);
  }

  public ByteStores stores() {
    return stores;
  }

  /** Absolute. */
  public String uri() {
    return uri;
  }

  /** The last part of the path. */
  public String name() {
    return ByteStores.name(uri);
  }

  /** The store around it, in which {@link #name} is its key. */
  public ByteStore parent() {
    return stores.open(ByteStores.parent(uri));
  }

  /** The store whose root it is. */
  public ByteStore folder() {
    return stores.open(uri);
  }

  /** Whether it is one object. */
  public boolean isFile() throws IOException {
    Long known = size;
    if (known == null) {
      known = parent().size(name());
      size = known;
    }
    return known >= 0;
  }

  /** Names of what lies in it; empty where it is no folder, or an empty one. */
  public List<String> list() throws IOException {
    List<String> known = names;
    if (known == null) {
      known = folder().list("");
      names = known;
    }
    return known;
  }
}
