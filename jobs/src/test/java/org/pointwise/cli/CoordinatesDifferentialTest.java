package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.PointwiseException;
import org.pointwise.testing.Seed;

/**
 * Reduces datasets that xarray drew and wrote, and compares the coordinates and the georeference of
 * the outputs with what xarray and rioxarray compute of the inputs.
 */
class CoordinatesDifferentialTest {
  private static final int CASES = Integer.getInteger("pointwise.coordinates", 20);

  @TempDir Path folder;

  @Test
  void xarrayReadsTheCoordinatesOfTheInput() throws Exception {
    Path scripts = Processes.root().resolve("scripts");
    Processes found = Processes.run(folder, scripts.resolve("python-peers").toString());
    Assumptions.assumeTrue(found.code() == 0, "Skipped: " + found.err().strip());
    List<String> python =
        List.of(found.out().strip(), scripts.resolve("interop/coordinates.py").toString());
    String seed = String.valueOf(Seed.random("coordinates").nextInt(1 << 30));
    Processes made = run(python, "make", seed);
    assertThat(made.code()).as(made.out() + made.err()).isZero();
    for (String line : Files.readAllLines(folder.resolve("cases/commands"))) {
      if (line.startsWith("grow\t")) {
        copyChanges(Path.of(line.split("\t")[1]), Path.of(line.split("\t")[2]));
        continue;
      }
      if (line.startsWith("stop\t")) {
        stop(line.split("\t"));
        continue;
      }
      Cli done = Cli.run(line.split("\t"));
      assertThat(done.code()).as(line + ": " + done.err()).isZero();
      assertThat(done.err()).as(line).doesNotContain("left out");
      Cli verified = Cli.run("verify", line.split("\t")[2], "--quiet");
      assertThat(verified.code()).as(line + ": " + verified.out() + verified.err()).isZero();
    }
    Processes judged = run(python, "judge", seed);
    assertThat(judged.code()).as(judged.out() + judged.err()).isZero();
  }

  /** Ends a command at a put, unless it has fewer. */
  private static void stop(String[] line) throws Exception {
    FailingStores stores =
        new FailingStores(FailingStores.Failure.valueOf(line[1]), Integer.parseInt(line[2]));
    try {
      StoppedReduction.run(stores, Arrays.copyOfRange(line, 3, line.length));
    } catch (PointwiseException e) {
      // stopped
    }
  }

  /** Copies the files that are not in a folder, or have other bytes there. */
  private static void copyChanges(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = to.resolve(from.relativize(file).toString());
        if (!Files.exists(place) || Files.mismatch(file, place) >= 0) {
          Files.createDirectories(place.getParent());
          Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private Processes run(List<String> python, String mode, String seed) throws Exception {
    List<String> command = new ArrayList<>(python);
    command.addAll(List.of(mode, folder + "/cases", seed, String.valueOf(CASES)));
    return Processes.run(folder, command.toArray(String[]::new));
  }
}
