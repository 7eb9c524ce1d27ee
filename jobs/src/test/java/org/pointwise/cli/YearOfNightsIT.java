package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Folders;

/** Appends a year of nights, each deleted once it is appended. */
class YearOfNightsIT extends NightsFixture {
  /**
   * A year of 365 nights of one to five images, each deleted once it is appended, with ten runs
   * killed at random points. The output must have the objects of one run over all images.
   */
  @Test
  void yearOfNightsEqualsOneRun() throws Exception {
    Path kept = Files.createDirectories(folder.resolve("all"));
    int images = 0;
    int kills = 0;
    for (int night = 0; night < 365; night++) {
      int count = 1 + random.nextInt(5);
      Path input = files("night-" + night, images, count);
      if (night > 0 && kills < 10 && random.nextInt(10) == 0) {
        kills += runAndKill(command(input.toString(), output, "--append-new")) ? 1 : 0;
      }
      JsonNode report = json(append(input.toString()));
      assertThat(report.path("firstImage").asInt()).isEqualTo(images);
      images += count;
      assertThat(report.path("images").asInt()).isEqualTo(images);
      for (String name : ByteStores.LOCAL.open(input.toString()).list("")) {
        Files.move(input.resolve(name), kept.resolve(name));
      }
      Folders.delete(input);
    }
    assertThat(kills).isPositive();
    Path one = folder.resolve("one.zarr");
    json(Cli.run(command(kept.toString(), one)));
    assertThat(Folders.hashes(output, "features/c")).isEqualTo(Folders.hashes(one, "features/c"));
    long begun = System.nanoTime();
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("%d of %d images".formatted(images, images));
    System.out.printf(
        "%d images of 365 nights, %d runs killed, verified in %.1f s%n",
        images, kills, (System.nanoTime() - begun) / 1e9);
    assertThat(names()).hasSize(images).isSorted();
  }

  /**
   * Runs a command in a process of its own and kills it as soon as one of the traces of its work
   * appears.
   *
   * @return whether it was killed before it ended
   */
  private boolean runAndKill(String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                Main.class.getName()));
    command.addAll(Arrays.asList(args));
    Path traces = Path.of(output + ".pointwise");
    String trace = List.of("past", "appended", "_SUCCESS").get(random.nextInt(3));
    Process process = Processes.builder(folder, command).start();
    Await.until(
        "a trace of the append",
        () ->
            !process.isAlive() || Files.exists(traces.resolve(trace)) != trace.equals("_SUCCESS"));
    boolean killed = process.isAlive();
    process.destroyForcibly().waitFor();
    return killed && process.exitValue() != 0;
  }

  /** Returns the class path of this JVM, for a process in another folder. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
