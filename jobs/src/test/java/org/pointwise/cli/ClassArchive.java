package org.pointwise.cli;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Archives of loaded classes, which halve the start-up time of JVMs that tests start. A JVM with
 * another class path ignores the archive.
 */
final class ClassArchive {
  /** Starts a command in {@code folder}, in a JVM with {@code options}. */
  interface Start {
    ProcessBuilder of(List<String> command, String options, Path folder) throws Exception;
  }

  private static final String PICTURE = "small.png";

  private ClassArchive() {}

  /** Returns JVM options that use the archive in {@code home}, which a small demo creates once. */
  static String options(Path home, Start start) throws Exception {
    Path archive = home.resolve("classes.jsa");
    Processes.once(
        home.resolve("complete"),
        () -> {
          Path folder = Files.createTempDirectory(home, "demo");
          BufferedImage picture = new BufferedImage(128, 96, BufferedImage.TYPE_INT_RGB);
          ImageIO.write(picture, "png", folder.resolve(PICTURE).toFile());
          List<String> demo = List.of("demo", "--image", PICTURE);
          return Processes.awaitEnd(start.of(demo, "-XX:ArchiveClassesAtExit=" + archive, folder));
        });
    return "-XX:SharedArchiveFile=" + archive + " -Xshare:auto -Xlog:disable";
  }
}
