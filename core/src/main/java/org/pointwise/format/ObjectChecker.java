package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ObjectHash;
import org.pointwise.tensor.Grid;

/** Determines the state of the stored objects of an array. Confined to one thread. */
public interface ObjectChecker {
  /** {@link Expected#bytes} of an object that no receipt records. */
  long UNKNOWN = -1;

  /**
   * What a receipt records of an object.
   *
   * @param bytes {@link #UNKNOWN}; 0 where it is rightly not stored
   * @param hash of its bytes; null where unknown
   */
  record Expected(long bytes, @Nullable ObjectHash hash) {
    /** Of an object without a receipt. */
    public static final Expected NOTHING = new Expected(UNKNOWN, null);
  }

  /**
   * What was found of an object.
   *
   * @param detail what is wrong with it; empty where nothing is
   */
  record Finding(StoredState state, String detail) {}

  /** The grid of objects, numbered as the plan numbers its shards. */
  Grid objects();

  /** Heap that a look at one object takes. */
  long heapBytes();

  /** The key of an object in its store. */
  String key(long ordinal);

  /**
   * Looks at an object: at its length and index, or deep, at every byte.
   *
   * @throws IOException when it cannot be read at all
   */
  Finding check(long ordinal, Expected expected, boolean deep) throws IOException;

  /**
   * What lies beside the planned objects, in the folders that {@code ordinal} is the first object
   * of; over all ordinals every folder is looked at once.
   *
   * @return keys, sorted by folder
   */
  List<String> leftOvers(long ordinal) throws IOException;
}
