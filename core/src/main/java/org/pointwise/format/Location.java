package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/**
 * A place that may hold an array: a folder, a file, or one of the arrays in a file, as in {@code
 * day.npz#features}. Caches the results of its store requests, so that several formats can inspect
 * the place without repeating them. Confined to one thread.
 */
public final class Location {
  private final ByteStores stores;

  private final String uri;
  private final String file;
  private final @Nullable String member;
  private @Nullable Long size;
  private @Nullable List<String> names;

  /**
   * @param uri a path or URI, as the user writes it
   */
  public Location(ByteStores stores, String uri) {
    this.stores = stores;
    this.uri = ByteStores.absolute(uri);
    this.file = withoutMember(this.uri);
    this.member = file.equals(this.uri) ? null : this.uri.substring(file.length() + 1);
  }

  /**
   * Returns the path or URI of the file that holds an array, or that of the array if no file holds
   * it. The text before {@code #} must be the name of a file that may hold several arrays; {@code
   * a#1.npy} is a file name.
   */
  static String withoutMember(String uri) {
    for (int sign = uri.indexOf('#'); sign >= 0; sign = uri.indexOf('#', sign + 1)) {
      String before = uri.substring(0, sign);
      if (Formats.hasMembers(ByteStores.name(before))) {
        return before;
      }
    }
    return uri;
  }

  public ByteStores stores() {
    return stores;
  }

  /** Returns the absolute URI, with the member. */
  public String uri() {
    return uri;
  }

  /** Returns the last part of the path, without the member. */
  public String name() {
    return ByteStores.name(file);
  }

  /** Returns the absolute URI, without the member. */
  public String fileUri() {
    return file;
  }

  /** Returns the name of the array in its file; null if none is named. */
  public @Nullable String member() {
    return member;
  }

  /** Returns the store that contains this place under the key {@link #name}. */
  public ByteStore parent() {
    return stores.open(ByteStores.parent(file));
  }

  /** Returns the store whose root is this place. */
  public ByteStore folder() {
    return stores.open(file);
  }

  /** Returns whether this place is one object. */
  public boolean isFile() throws IOException {
    Long known = size;
    if (known == null) {
      known = parent().size(name());
      size = known;
    }
    return known >= 0;
  }

  /**
   * Returns the names of the entries of this place; empty if it is an empty folder or not a folder.
   */
  public List<String> list() throws IOException {
    List<String> known = names;
    if (known == null) {
      known = folder().list("");
      names = known;
    }
    return known;
  }
}
