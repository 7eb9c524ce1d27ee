package org.pointwise.jobs;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Archives of loaded classes, with which the JVMs that tests start spend half as long on their
 * beginning. A JVM whose class path is another one does without.
 */
final class ClassArchive {
  /** Starts the demo in {@code folder}, in a JVM with {@code options}. */
  interface Demo {
    ProcessBuilder with(String options, Path folder) throws Exception;
  }

  private ClassArchive() {}

  /** Options of a JVM that uses the archive in {@code home}, which a run of the demo makes once. */
  static String options(Path home, Demo demo) throws Exception {
    Path archive = home.resolve("classes.jsa");
    Processes.once(
        home.resolve("complete"),
        () -> {
          Path folder = Files.createTempDirectory(home, "demo");
          return Processes.ended(demo.with("-XX:ArchiveClassesAtExit=" + archive, folder));
        });
    return "-XX:SharedArchiveFile=" + archive + " -Xshare:auto -Xlog:disable";
  }
}
