package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what {@code scripts/pointwise} prints while it builds, with a stand-in for Maven. */
class LauncherScriptTest {
  @TempDir Path folder;

  /** Builds with a stand-in that prints a log and ends with an exit code. */
  private Processes build(String log) throws Exception {
    Path scripts = Files.createDirectories(folder.resolve("scripts"));
    Path launcher = scripts.resolve("pointwise");
    Files.copy(Processes.root().resolve("scripts/pointwise"), launcher);
    Path maven = Files.writeString(folder.resolve("mvnw"), "#!/bin/sh\n" + log + "exit 1\n");
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(folder.resolve("core"));
    Files.createDirectories(folder.resolve("jobs"));
    return Processes.awaitEnd(
        Processes.builder(folder, List.of("bash", launcher.toString(), "--version")));
  }

  @Test
  void buildShowsModulesAndErrorsAndNamesItsLog() throws Exception {
    Processes failed =
        build(
            """
            echo '[INFO] Building Pointwise core 0.1.0             [2/3]'
            echo '[INFO] --- resources:3.4.0:resources'
            sleep 1
            echo '[ERROR] no such symbol'
            """);
    assertThat(failed.code()).isEqualTo(1);
    Path log = folder.resolve("jobs/target/build.log");
    assertThat(failed.err())
        .contains("Building Pointwise, once; this takes minutes")
        .containsPattern(" s  (Building Pointwise core 0.1.0 \\[2/3\\]|--- resources:3.4.0)")
        .contains("[ERROR] no such symbol", "see the whole log in " + log);
  }

  @Test
  void buildThatEndsWithoutErrorsShowsEndOfItsLog() throws Exception {
    Processes failed = build("for i in $(seq 40); do echo \"line $i.\"; done\n");
    assertThat(failed.err()).contains("line 40.", "line 21.").doesNotContain("line 20.");
  }
}
