package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.testing.Seed;

/**
 * Fits and reduces cubes whose bands have names and wavelengths, and compares those of the outputs
 * with what rasterio and xarray read.
 */
class BandNamesDifferentialTest {
  private static final int CASES = Integer.getInteger("pointwise.bandNames", 20);

  @TempDir Path folder;

  @Test
  void selectedBandsKeepTheirNames() throws Exception {
    Path scripts = Processes.root().resolve("scripts");
    Processes found = Processes.run(folder, scripts.resolve("python-peers").toString());
    Assumptions.assumeTrue(found.code() == 0, "Skipped: " + found.err().strip());
    List<String> python =
        List.of(found.out().strip(), scripts.resolve("interop/band_names.py").toString());
    String seed = String.valueOf(Seed.random("bandNames").nextInt(1 << 30));
    Processes made = run(python, "make", seed);
    assertThat(made.code()).as(made.out() + made.err()).isZero();
    int inspected = 0;
    for (String line : Files.readAllLines(folder.resolve("cases/commands"))) {
      Cli done = Cli.run(line.split("\t"));
      assertThat(done.code()).as(line + ": " + done.err()).isZero();
      if (line.startsWith("inspect\t")) {
        Files.writeString(folder.resolve("cases/inspect" + inspected++), done.out());
      }
    }
    Processes judged = run(python, "judge", seed);
    assertThat(judged.code()).as(judged.out() + judged.err()).isZero();
  }

  private Processes run(List<String> python, String mode, String seed) throws Exception {
    List<String> command = new ArrayList<>(python);
    command.addAll(List.of(mode, folder + "/cases", seed, String.valueOf(CASES)));
    return Processes.run(folder, command.toArray(String[]::new));
  }
}
