package org.pointwise.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real inputs in a folder beside the checkout; a test without them is skipped with a message. */
public final class SharedData {
  private SharedData() {}

  /** Returns a path under {@code ../shared/data}; skips the test if it is missing. */
  public static Path path(String name) {
    String root = System.getProperty("pointwise.root", "..");
    Path path = Path.of(root, "..", "shared", "data", name).toAbsolutePath().normalize();
    Assumptions.assumeTrue(Files.exists(path), () -> "Skipped: no real data at " + path);
    return path;
  }

  public static String string(String name) {
    return path(name).toString();
  }
}
