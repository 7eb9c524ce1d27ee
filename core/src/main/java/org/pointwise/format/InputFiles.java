package org.pointwise.format;

import java.util.List;
import org.pointwise.store.ByteStores;

/**
 * Names of the files that an array lies in, after which the files of an output are named.
 *
 * @param names one for each image, or one for all where {@code storage} is {@link Storage#FILE};
 *     empty where it is {@link Storage#GRID}
 */
public record InputFiles(Storage storage, List<String> names) {
  /** Of an array that lies in no files of images. */
  public static final InputFiles NONE = new InputFiles(Storage.GRID, List.of());

  public static InputFiles of(ArrayInfo input) {
    return input.storage() == Storage.FILE
        ? ofFile(input.uri())
        : new InputFiles(input.storage(), input.imageNames());
  }

  /**
   * Of an array in one file.
   *
   * @param uri of the array
   */
  public static InputFiles ofFile(String uri) {
    return new InputFiles(Storage.FILE, List.of(ByteStores.name(Location.withoutMember(uri))));
  }

  /** The name of the file that holds an image, without its ending; its number where none does. */
  public String stem(long image) {
    if (storage == Storage.GRID) {
      return "%06d".formatted(image);
    }
    String name = names.get(storage == Storage.FILE ? 0 : Math.toIntExact(image));
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
