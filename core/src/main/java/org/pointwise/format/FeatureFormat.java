package org.pointwise.format;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.store.ByteStores;

/**
 * A format from which feature arrays can be read. Implementations are found by {@link
 * java.util.ServiceLoader} and have no state. No other code refers to their classes.
 */
public interface FeatureFormat {
  /** Returns one lower-case word, which is the {@link ArrayInfo#format} of the format's arrays. */
  String name();

  /**
   * Returns the accepted inputs as a phrase for users, such as {@code a Zarr array
   * (store.zarr/array)}.
   */
  String inputs();

  /** Returns whether a file's name alone identifies this format, whatever the file contains. */
  default boolean recognisesName(String name) {
    return false;
  }

  /**
   * Returns whether a file with this name may hold several arrays; {@code FILE#NAME} selects one.
   */
  default boolean hasMembers(String name) {
    return false;
  }

  /** Returns whether pixels may be null as stored, and so nodata whatever number marks nodata. */
  default boolean hasNulls() {
    return false;
  }

  /**
   * Determines whether a location holds an array of this format, by its name or its metadata.
   *
   * @return how the array is stored; null if it is of another format or does not exist
   */
  @Nullable Storage recognises(Location location) throws IOException;

  /**
   * Returns the names of the arrays of this format beside a place that holds none; empty if there
   * are none or finding them may take long.
   */
  default List<String> namesBeside(Location location) throws IOException {
    return List.of();
  }

  /**
   * Opens an array that this format recognises. Reads only its metadata.
   *
   * @throws org.pointwise.errors.InvalidInputException if the array is invalid; the message names
   *     the problem
   */
  FeatureSource open(Location location, ReadOptions options) throws IOException;

  /**
   * Opens on an executor the array that was opened when the plan was made.
   *
   * @param info the description of the array in the plan
   * @throws org.pointwise.errors.InvalidInputException if the metadata has changed since then
   */
  FeatureSource reopen(ByteStores stores, ArrayInfo info) throws IOException;
}
