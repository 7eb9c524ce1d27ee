package org.pointwise.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pointwise.store.Hashes;

/** What lies in a folder, by hash. */
public final class Folders {
  private Folders() {}

  /** SHA-256 of every file whose relative path contains {@code part}. */
  public static Map<String, String> hashes(Path folder, String part) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (name.contains(part)) {
          hashes.put(name, Hashes.sha256(Files.readAllBytes(file)));
        }
      }
    }
    return hashes;
  }

  /** Makes one folder what another is. */
  public static void replace(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      try (Stream<Path> files = Files.walk(to)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
