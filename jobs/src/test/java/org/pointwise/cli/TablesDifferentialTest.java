package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.differential.FailingStores;
import org.pointwise.errors.PointwiseException;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;

/**
 * Reduces tables that PyArrow draws and writes, with random columns, types, nulls, NaN, codecs,
 * encodings, pages, row groups, partitions and metadata; PyArrow and NumPy judge the files ({@code
 * scripts/interop/parquet_tables.py}). Both runners, and runs that end at any put and continue,
 * must store the same bytes. {@code -Dtests.cases=N} draws N / 2 tables.
 */
class TablesDifferentialTest {
  private static final int CASES = Math.max(1, Integer.getInteger("tests.cases", 100) / 2);

  @TempDir Path folder;

  private final Random random = Seed.random("tables");
  private int refused;
  private int stopped;
  private int twins;

  @Test
  void pyArrowReadsReducedTables() throws Exception {
    List<String> failures = new ArrayList<>();
    long rows = 0;
    long nulls = 0;
    try (PythonPeer peer = PythonPeer.start(folder, "parquet_tables.py")) {
      for (int number = 0; number < CASES; number++) {
        Path here = Files.createDirectory(folder.resolve("case" + number));
        ObjectNode make = JsonText.object().put("action", "make").put("seed", random.nextInt());
        make.put("seed", make.path("seed").asInt() & Integer.MAX_VALUE);
        JsonNode drawn = peer.call(make.put("folder", here.toString()));
        try {
          JsonNode judged = reduce(peer, drawn, here);
          rows += judged.path("rows").asLong();
          nulls += judged.path("nulls").asLong();
        } catch (AssertionError | RuntimeException e) {
          failures.add("case %d: %s%n  %s".formatted(number, e, drawn));
        }
        Folders.delete(here);
      }
    }
    System.out.printf(
        "%d tables, %d rows, %d null, %d refused, %d stopped, %d on both runners%n",
        CASES, rows, nulls, refused, stopped, twins);
    assertThat(failures).as("seed %d", Seed.value()).isEmpty();
  }

  private JsonNode reduce(PythonPeer peer, JsonNode drawn, Path here) throws Exception {
    Path output = here.resolve("out.parquet");
    Cli planned = Cli.run(command(drawn, output, "--runner", "local", "--dry-run"));
    Cli done = Cli.run(command(drawn, output, "--runner", "local"));
    if (!drawn.path("bad").asText().isEmpty()) {
      requireRefused(drawn, done, output);
      return JsonText.object();
    }
    assertThat(planned.code()).as(planned.err()).isZero();
    assertThat(done.code()).as(done.err()).isZero();
    JsonNode judged =
        peer.call(
            JsonText.object()
                .put("action", "check")
                .put("output", output.toString())
                .set("case", drawn));
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet", "--runner", "local");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    if (random.nextInt(3) == 0) {
      twins++;
      Path twin = here.resolve("twin.parquet");
      Cli spark = Cli.run(command(drawn, twin, "--runner", "spark", "--master", "local[2]"));
      assertThat(spark.code()).as(spark.err()).isZero();
      assertThat(Folders.hashes(twin, "")).isEqualTo(Folders.hashes(output, ""));
    }
    if (random.nextInt(2) == 0) {
      stop(drawn, here.resolve("stopped.parquet"), output);
    }
    return judged;
  }

  /** Stops a run at one of its puts, then continues it. */
  private void stop(JsonNode drawn, Path output, Path undisturbed) throws IOException {
    FailingStores.Failure[] failures = FailingStores.Failure.values();
    FailingStores.Failure failure = failures[random.nextInt(failures.length)];
    int at = 1 + random.nextInt(drawn.path("files").size() + 8);
    try {
      StoppedReduction.run(
          new FailingStores(failure, at), command(drawn, output, "--runner", "local"));
    } catch (PointwiseException e) {
      stopped++;
    }
    Cli continued = Cli.run(command(drawn, output, "--runner", "local"));
    assertThat(continued.code()).as("%s at put %d: %s", failure, at, continued.err()).isZero();
    assertThat(Folders.hashes(output, ""))
        .as("%s at put %d", failure, at)
        .isEqualTo(Folders.hashes(undisturbed, ""));
  }

  private void requireRefused(JsonNode drawn, Cli done, Path output) {
    refused++;
    assertThat(done.code()).as(done.err()).isIn(3, 4);
    assertThat(done.err())
        .contains("of the column " + drawn.path("name").asText())
        .contains(drawn.path("bad").asText().equals("ragged") ? "numbers but" : "a null among");
    JsonNode files = drawn.path("files");
    assertThat(done.err()).contains(files.get(files.size() - 1).asText());
    assertThat(output.resolve("part-%d.parquet".formatted(files.size() - 1))).doesNotExist();
  }

  private static String[] command(JsonNode drawn, Path output, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("reduce", drawn.path("table").asText(), output.toString()));
    args.addAll(List.of("--weights", drawn.path("weights").asText(), "--quiet"));
    drawn.path("args").forEach(argument -> args.add(argument.asText()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }
}
