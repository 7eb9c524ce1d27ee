package org.pointwise.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;

/** Hashes and copies the files of folders. */
public final class Folders {
  private Folders() {}

  /** Returns the SHA-256 of every file whose relative path contains {@code part}. */
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

  /** The files of a folder at one moment. */
  public static final class Snapshot {
    private record State(String hash, FileTime modified) {}

    private final Path folder;
    private final Map<Path, State> states = new TreeMap<>();

    public Snapshot(Path folder) throws IOException {
      this.folder = folder;
      if (Files.exists(folder)) {
        for (Path file : files(folder)) {
          states.put(file, new State(hash(file), Files.getLastModifiedTime(file)));
        }
      }
    }

    /**
     * Restores the times of files with unchanged bytes, because appending to an array does not
     * rewrite stored objects.
     */
    public void restoreTimes() throws IOException {
      for (Path file : files(folder)) {
        State was = states.get(file);
        if (was != null && was.hash().equals(hash(file))) {
          Files.setLastModifiedTime(file, was.modified());
        }
      }
    }

    private static List<Path> files(Path folder) throws IOException {
      try (Stream<Path> files = Files.walk(folder)) {
        return files.filter(Files::isRegularFile).toList();
      }
    }

    private static String hash(Path file) throws IOException {
      return Hashes.sha256(Files.readAllBytes(file));
    }
  }

  /** Copies a folder with its contents. */
  public static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> found = Files.walk(from)) {
      for (Path path : (Iterable<Path>) found::iterator) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  /** Deletes a folder with its contents. */
  public static void delete(Path folder) throws IOException {
    ByteStores.LOCAL.open(folder.toString()).delete("");
  }

  /** Replaces one folder by a copy of another. */
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
