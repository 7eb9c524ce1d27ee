package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;

/**
 * A place that may hold an array: a folder, a file, or one of the arrays in a file, as in {@code
 * day.npz#features}. It keeps what it has asked the store, so that several formats can look at it
 * for the price of one. Confined to one thread.
 */
public final class Location {
  private final ByteStores stores;

  private final String uri;
  private final String file;
  private final @Nullable String member;
  private @Nullable Long size;
  private @Nullable List<String> names;

  /**
   * @param uri a path or URI, as a user writes it
   */
  public Location(ByteStores stores, String uri) {
    this.stores = stores;
    this.uri = ByteStores.absolute(uri);
    this.file = withoutMember(this.uri);
    this.member = file.equals(this.uri) ? null : this.uri.substring(file.length() + 1);
  }

  /**
   * The path or URI of the file that holds an array; that of the array where none does. The text
   * before {@code #} has to be the name of a file that may hold several arrays; {@code a#1.npy} is
   * a file name.
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

  /** Absolute, the member with it. */
  public String uri() {
    return uri;
  }

  /** The last part of the path, without the member. */
  public String name() {
    return ByteStores.name(file);
  }

  /** Absolute, without the member. */
  public String fileUri() {
    return file;
  }

  /** Which of the arrays in a file; null where none is named. */
  public @Nullable String member() {
    return member;
  }

  /** The store around it, in which {@link #name} is its key. */
  public ByteStore parent() {
    return stores.open(ByteStores.parent(file));
  }

  /** The store whose root it is. */
  public ByteStore folder() {
    return stores.open(file);
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
