package org.pointwise.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStores;

/**
 * A format that feature arrays can be read from. Implementations are found by {@link
 * java.util.ServiceLoader}, have no state, and are known to nobody by their class.
 */
public interface FeatureFormat {
  /** One lower-case word; {@link ArrayInfo#format} of its arrays. */
  String name();

  /** For people: what can be given to it, as in {@code a Zarr array (store.zarr/array)}. */
  String inputs();

  /** Whether a file's name alone says that it is of this format, whatever lies there. */
  default boolean recognisesName(String name) {
    return false;
  }

  /** Whether a file of such a name may hold several arrays; {@code FILE#NAME} selects one. */
  default boolean hasMembers(String name) {
    return false;
  }

  /**
   * Whether a place holds an array of this format, by its name or its metadata.
   *
   * @return how the array is stored; null where it is of another format, or nothing is there
   */
  @Nullable Storage recognises(Location location) throws IOException;

  /**
   * Opens what it recognises, by metadata alone.
   *
   * @throws org.pointwise.errors.InvalidInputException that says what is wrong with it
   */
  FeatureSource open(Location location, ReadOptions options) throws IOException;

  /**
   * Opens on an executor what was opened when the plan was made.
   *
   * @param info of the earlier source
   * @throws org.pointwise.errors.InvalidInputException where its metadata has changed since
   */
  FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException;
}
