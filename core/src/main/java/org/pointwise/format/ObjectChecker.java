package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ObjectHash;
import org.pointwise.tensor.Grid;

/** Determines the state of the stored objects of an array. Confined to one thread. */
public interface ObjectChecker {
  /** The {@link Expected#bytes} of an object that no receipt records. */
  long UNKNOWN = -1;

  /**
   * The content of a receipt for one object.
   *
   * @param bytes the length in bytes; {@link #UNKNOWN} without a receipt; 0 if the object is
   *     correctly absent
   * @param hash the hash of the object's bytes; null if unknown
   */
  record Expected(long bytes, @Nullable ObjectHash hash) {
    /** The value for an object without a receipt. */
    public static final Expected UNRECORDED = new Expected(UNKNOWN, null);
  }

  /**
   * The result of checking an object.
   *
   * @param detail the details of a problem; empty if there is none, or if the state describes it
   */
  record Finding(StoredState state, String detail) {}

  /** Returns the grid of objects, numbered as the plan numbers its shards. */
  Grid objects();

  /** Returns the heap in bytes that the check of one object takes. */
  long heapBytes();

  /** Returns the key of an object in its store. */
  String key(long ordinal);

  /**
   * Checks an object: its length and index, or every byte if {@code deep}.
   *
   * @throws IOException if the object cannot be read at all
   */
  Finding check(long ordinal, Expected expected, boolean deep) throws IOException;

  /**
   * Returns the keys that are not planned objects, in the folders whose first object is {@code
   * ordinal}. The calls for all ordinals together list every folder once.
   *
   * @return the keys, sorted by folder
   */
  List<String> leftOvers(long ordinal) throws IOException;
}
