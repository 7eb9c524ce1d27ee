package org.pointwise.format;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pointwise.errors.InvalidInputException;

/** The files of a folder that is read as one array. */
public final class FolderFiles {
  private FolderFiles() {}

  /**
   * Returns the names of the files in the order of their images.
   *
   * @param uri the folder, for the message
   * @param present the names of all files, in order
   * @param recorded the files that come first
   * @throws InvalidInputException if one of these is gone
   */
  public static List<String> names(String uri, List<String> present, List<String> recorded) {
    Set<String> ordered = new LinkedHashSet<>(present);
    List<String> missing = recorded.stream().filter(name -> !ordered.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
          "Cannot read %s: %d of its files vanished (%s); restore them, or use --overwrite to start again"
              .formatted(
                  uri,
                  missing.size(),
                  String.join(", ", missing.subList(0, Math.min(5, missing.size())))));
    }
    Set<String> names = new LinkedHashSet<>(recorded);
    names.addAll(present);
    return List.copyOf(names);
  }
}
