package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;

/**
 * A format in which outputs are stored. Implementations are found by {@link
 * java.util.ServiceLoader} and have no state. No other code refers to their classes.
 */
public interface OutputFormat {
  /** Returns the name that users give, which is one lower-case word. */
  String name();

  /** Returns whether the format is the default. */
  default boolean standard() {
    return false;
  }

  /** Returns whether an output of this name has this format unless the user names another. */
  default boolean recognisesName(String output) {
    return false;
  }

  /** Returns whether arrays like the input can be stored in this format. */
  default boolean stores(ArrayInfo input) {
    return true;
  }

  /**
   * Returns whether an output is a folder of files, one for each file or image of the input,
   * instead of arrays whose objects form a grid with one box per object. Files have no metadata of
   * their own: the record of the output lies in its run folder, and an object is whole if it has
   * the recorded hash.
   */
  boolean perFile();

  /**
   * Returns whether a file also holds parts of the input's file, and so is only made as a whole.
   */
  default boolean copiesInput() {
    return false;
  }

  /** Returns whether pixels of the input that cannot be decoded can be stored as nodata. */
  default boolean storesUnreadable() {
    return true;
  }

  /** Returns whether chunks are compressed as the user chooses. */
  boolean compresses();

  /** Returns warnings for users about element types that common readers of the format lack. */
  default List<String> warnings(Set<ElementType> types) {
    return List.of();
  }

  /**
   * Returns the layout of an output.
   *
   * @throws org.pointwise.errors.InvalidInputException if the format cannot store the output as
   *     requested
   */
  OutputArray layout(OutputRequest request);

  /**
   * Returns the extent of the chunks in which an object is written. A writer holds one such chunk
   * at a time.
   *
   * @param array the array of the object
   * @param pixelBytes the decoded bytes of a pixel, for the array where they are largest
   * @param object the extent of the object in pixels
   * @param tile the extent of the input's tiles; a tile that lies within one chunk is read once
   */
  default Extent chunkStep(OutputArray array, long pixelBytes, Extent object, Extent tile) {
    return array.chunk();
  }

  /**
   * Returns the maximum memory for assembling one object.
   *
   * @param array the array of the object
   * @param pixelBytes the decoded bytes of a pixel of the array
   * @param step the extent that {@link #chunkStep} returns
   */
  WriteMemory memory(OutputArray array, long pixelBytes, Extent step);

  /**
   * Requires that this process can store data correctly with a compression.
   *
   * @throws org.pointwise.errors.InvalidInputException if it cannot; the message names the cause
   */
  default void requireUsable(Compression compression) {}

  /** Returns whether {@link #requireUsable} accepts a compression. */
  default boolean isUsable(Compression compression) {
    try {
      requireUsable(compression);
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }

  /**
   * Returns the names of the files that hold an image, for an output that is a folder of files. If
   * the input is one file, these are the files of the whole input. The names are in the order of
   * {@link FeatureSink#keys}. A format that reads the files recognises the image by the last name.
   */
  default List<String> fileNames(InputFiles files, long image) {
    throw new UnsupportedOperationException(name() + " stores no files");
  }

  /**
   * Returns the path or URI under which files of this format are read as an array.
   *
   * @param files the path or URI of a file, or of the folder of all files of an array
   * @param input the input of the output
   */
  default String arrayUri(String files, ArrayInfo input) {
    return files;
  }

  /** Returns the sink of one array. */
  FeatureSink sink(ByteStore store, OutputTarget target);

  /**
   * Returns the sink of one array whose objects store the companions of the input themselves.
   *
   * @param source the source of the input
   */
  default FeatureSink sink(ByteStore store, OutputTarget target, FeatureSource source)
      throws IOException {
    return sink(store, target);
  }

  /** Returns the versions of the libraries that determine stored bytes, by library name. */
  default Map<String, String> libraries() {
    return Map.of();
  }

  /**
   * Makes the metadata of all arrays and of their group.
   *
   * @return {@link PreparedMetadata#NONE} if the format has no metadata
   */
  default PreparedMetadata prepare(OutputDescription description) {
    return PreparedMetadata.NONE;
  }

  /** Writes the metadata of all arrays, and then of their group. */
  default void describe(ByteStore store, OutputDescription description) throws IOException {
    prepare(description).write(store);
  }

  /**
   * Checks that {@link #differences} can compare recorded metadata.
   *
   * @throws InvalidInputException if a document is none that {@link #prepare} makes
   */
  default void requireReadable(WrittenMetadata written) {}

  /**
   * Returns the keys of documents that readers may use instead of the recorded ones if they exist,
   * for example documents of another version of the format.
   */
  default Set<String> otherDocuments(WrittenMetadata written) {
    return Set.of();
  }

  /**
   * Compares the metadata of an output with the metadata that {@link #prepare} made. The comparison
   * covers everything by which readers find and decode objects, including copies that readers
   * prefer and {@link #otherDocuments}. It excludes attributes that are not used for decoding.
   *
   * @return one sentence for each difference
   */
  default List<String> differences(ByteStore store, WrittenMetadata written) throws IOException {
    return List.of();
  }

  /**
   * Returns what {@link #describe} recorded of an output; null if the store has no output of this
   * format. Documents of other formats at the same place are ignored.
   */
  default @Nullable RecordedOutput recorded(ByteStore store) throws IOException {
    return null;
  }

  /**
   * Returns whether the root of a store is a group or an array of this format whose metadata is
   * valid but has no record of an output.
   */
  default boolean holdsOther(ByteStore store) throws IOException {
    return false;
  }

  /**
   * Returns the hierarchy of groups of this format that encloses a place; null if there is none.
   *
   * @param stores opens the groups, for reading and writing
   * @param output the absolute path or URI of an output, which need not exist
   * @throws org.pointwise.errors.InvalidInputException if an array encloses the place
   */
  default @Nullable Hierarchy enclosing(ByteStores stores, String output) throws IOException {
    return null;
  }

  /**
   * Returns the record of an array, one of {@link OutputDescription#records}, as its own metadata
   * contains it; null if there is none or the metadata is damaged.
   */
  default @Nullable ObjectNode arrayRecord(ByteStore store, String name) throws IOException {
    return null;
  }

  /**
   * Changes the record of an output that is no longer complete, so that no reader regards the
   * output as complete in the meantime.
   */
  default void reopen(ByteStore store, Consumer<ObjectNode> change) throws IOException {}

  /**
   * Returns an array of an output that {@link #recorded} finds.
   *
   * @param axes the axes of the array's dimensions
   * @return null if the array no longer exists
   */
  default @Nullable StoredArray array(ByteStore store, String name, Axes axes) throws IOException {
    return null;
  }
}
