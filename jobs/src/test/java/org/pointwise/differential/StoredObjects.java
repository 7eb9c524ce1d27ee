package org.pointwise.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pointwise.testing.Folders;

/** The objects of an output that hold its values: all files except metadata. */
final class StoredObjects {
  private StoredObjects() {}

  /** Returns their paths, sorted. */
  static List<Path> of(Path output) throws IOException {
    try (Stream<Path> files = Files.walk(output)) {
      return files
          .filter(Files::isRegularFile)
          .filter(StoredObjects::holdsValues)
          .sorted()
          .toList();
    }
  }

  private static boolean holdsValues(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && !name.equals("zarr.json");
  }

  /** Returns the SHA-256 of each object by its path in the output. */
  static Map<String, String> hashes(Path output) throws IOException {
    Map<String, String> hashes = Folders.hashes(output, "");
    hashes.keySet().removeIf(name -> !holdsValues(Path.of(name)));
    return hashes;
  }

  static boolean isEmptyFolder(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> children = Files.list(path)) {
      return children.findAny().isEmpty();
    }
  }
}
