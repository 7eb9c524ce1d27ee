package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tests that docs/cli.md describes the commands as they are. */
class CliPageTest {
  @Test
  void pageIsThatOfTheProgram() throws Exception {
    Path generated =
        Files.createDirectories(Processes.root().resolve("jobs/target")).resolve("cli.md");
    Files.writeString(generated, CliPage.text());
    assertThat(Processes.root().resolve("docs/cli.md"))
        .as("cp jobs/target/cli.md docs/cli.md makes it true")
        .hasSameTextualContentAs(generated);
  }
}
