package org.pointwise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Files of version 0.1.0: {@code outputs-of-0.1.0.zip} holds an input of 2×8×8×4 float32 numbers,
 * outputs of its {@code moments}, {@code fit} and {@code reduce} in three formats, and their run
 * folders.
 */
final class EarlierOutputs {
  private EarlierOutputs() {}

  static void unpack(Path folder) throws IOException {
    try (InputStream resource = EarlierOutputs.class.getResourceAsStream("/outputs-of-0.1.0.zip");
        ZipInputStream zip = new ZipInputStream(Objects.requireNonNull(resource))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.write(file, zip.readAllBytes());
        }
      }
    }
  }
}
