package org.pointwise.format;

import java.util.List;
import org.pointwise.store.ByteStores;

/**
 * The names of the files that hold an array. The files of an output are named after them.
 *
 * @param names one name for each image, or one name for all images if {@code storage} is {@link
 *     Storage#FILE}; empty if it is {@link Storage#GRID}
 */
public record InputFiles(Storage storage, List<String> names) {
  /** The value for an array that is not stored in files of images. */
  public static final InputFiles NONE = new InputFiles(Storage.GRID, List.of());

  public static InputFiles of(ArrayInfo input) {
    return input.storage() == Storage.FILE
        ? ofFile(input.uri())
        : new InputFiles(input.storage(), input.imageNames());
  }

  /**
   * Returns the file name of an array in one file.
   *
   * @param uri the URI of the array
   */
  public static InputFiles ofFile(String uri) {
    return new InputFiles(Storage.FILE, List.of(ByteStores.name(Location.withoutMember(uri))));
  }

  /**
   * Returns the name of the file that holds an image, without its ending. Returns the six-digit
   * number of the image if no file holds it.
   */
  public String stem(long image) {
    if (storage == Storage.GRID) {
      return "%06d".formatted(image);
    }
    String name = names.get(storage == Storage.FILE ? 0 : Math.toIntExact(image));
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
