package org.pointwise.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;

/**
 * A format that outputs are stored in. Implementations are found by {@link
 * java.util.ServiceLoader}, have no state, and are known to nobody by their class.
 */
public interface OutputFormat {
  /** One lower-case word, as users give it. */
  String name();

  /** Whether it is taken where the user names none. */
  default boolean standard() {
    return false;
  }

  /**
   * Whether an output is a folder of files, one for each file or image of the input, instead of
   * arrays whose objects are those of a grid, one a box. Files have no metadata of their own: what
   * is recorded of the output lies in its run folder, and an object is whole when it has the
   * recorded hash.
   */
  boolean perFile();

  /** Whether chunks are compressed as users choose. */
  boolean compresses();

  /**
   * Lays an output out.
   *
   * @throws org.pointwise.errors.InvalidInputException when it cannot be stored so
   */
  OutputArray layout(OutputRequest request);

  /**
   * The chunks in which an object is written: what a writer holds at once.
   *
   * @param array of which it is an object
   * @param pixelBytes decoded bytes of a pixel, of the array where they are most
   * @param object pixels of the object
   * @param tile of the input, whole ones of which are read once
   */
  default Extent chunkStep(OutputArray array, long pixelBytes, Extent object, Extent tile) {
    return array.chunk();
  }

  /**
   * Memory that assembling one object takes at most.
   *
   * @param array of which it is an object
   * @param pixelBytes decoded bytes of a pixel of the array
   * @param step of {@link #chunkStep}
   */
  WriteMemory memory(OutputArray array, long pixelBytes, Extent step);

  /**
   * Refuses what would be stored wrongly by this process.
   *
   * @throws org.pointwise.errors.InvalidInputException that names the cause
   */
  default void requireUsable(Compression compression) {}

  /** Whether {@link #requireUsable} does not refuse it. */
  default boolean isUsable(Compression compression) {
    try {
      requireUsable(compression);
      return true;
    } catch (InvalidInputException e) {
      return false;
    }
  }

  /**
   * Where an output is a folder of files: names of those that hold an image, or the only one's
   * where the input is one file, in the order of {@link FeatureSink#keys}. By the last of them, a
   * format that reads it recognises the image.
   */
  default List<String> fileNames(InputFiles files, long image) {
    throw new UnsupportedOperationException(name() + " stores no files");
  }

  /** Where the objects of one array go. */
  FeatureSink sink(ByteStore store, OutputTarget target);

  /**
   * The same, where objects say themselves what lies beside the numbers of the input.
   *
   * @param source of the input
   */
  default FeatureSink sink(ByteStore store, OutputTarget target, FeatureSource source)
      throws IOException {
    return sink(store, target);
  }

  /** Versions of the libraries that determine stored bytes, by name. */
  default Map<String, String> libraries() {
    return Map.of();
  }

  /**
   * Writes the metadata of all arrays, of their group last.
   *
   * @return what was written; {@link WrittenMetadata#NONE} where there is no metadata
   */
  default WrittenMetadata describe(ByteStore store, OutputDescription description)
      throws IOException {
    return WrittenMetadata.NONE;
  }

  /**
   * Compares the metadata of an output with what {@link #describe} wrote: all by which readers find
   * and decode objects, also in copies that readers prefer. Attributes that nothing is decoded by
   * are not compared.
   *
   * @return a sentence for each difference
   */
  default List<String> differences(ByteStore store, WrittenMetadata written) throws IOException {
    return List.of();
  }

  /** What {@link #describe} recorded of an output; null where nothing of this format is there. */
  default @Nullable RecordedOutput recorded(ByteStore store) throws IOException {
    return null;
  }

  /**
   * Changes what is recorded of an output that is complete no longer, so that no reader takes it
   * for complete meanwhile.
   */
  default void reopen(ByteStore store, Consumer<ObjectNode> change) throws IOException {}

  /**
   * An array of an output that {@link #recorded} finds.
   *
   * @param axes of its dimensions
   * @return null where it is gone
   */
  default @Nullable StoredArray array(ByteStore store, String name, Axes axes) throws IOException {
    return null;
  }
}
