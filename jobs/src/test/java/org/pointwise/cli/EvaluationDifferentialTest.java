package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.testing.Seed;

/**
 * Draws arrays, layers fitted with random hold-outs on random parts of them, stored reductions and
 * test sets, and compares the table of {@code evaluate} with NumPy ({@code
 * scripts/interop/differential_evaluation.py}), which records the pixels that each layer was fitted
 * on. {@code -Dtests.cases=N} runs N / 5 cases.
 */
class EvaluationDifferentialTest {
  private static final int CASES = Integer.getInteger("tests.cases", 500) / 5;
  private static final int SPARK_EVERY = 40;

  @TempDir Path folder;

  private final Random random = Seed.random("differential evaluation");

  @Test
  void tablesMatchNumPyAndNameWhatLayersWereFittedOn() throws Exception {
    List<String> failures = new ArrayList<>();
    int[] codes = new int[6];
    try (PythonPeer python = PythonPeer.start(folder, "differential_evaluation.py")) {
      for (int number = 0; number < CASES; number++) {
        ObjectNode draw = JsonText.object().put("do", "draw");
        draw.put("seed", random.nextInt(Integer.MAX_VALUE)).put("folder", folder + "/" + number);
        boolean fitted = true;
        JsonNode commands = python.call(draw).path("commands");
        for (JsonNode command : commands) {
          Cli done = run(command, number);
          fitted &= done.code() == 0; // too few usable pixels
          assertThat(done.code()).as("%s %s", command, done.err()).isIn(0, 3);
        }
        if (!fitted) {
          codes[5]++;
          continue;
        }
        JsonNode arguments = python.call(JsonText.object().put("do", "evaluate")).path("arguments");
        Cli done = run(arguments, number);
        codes[done.code()]++;
        ObjectNode check = JsonText.object().put("do", "check").put("code", done.code());
        check.put("stderr", done.err());
        if (done.code() == 0) {
          byte[] report = done.out().getBytes(StandardCharsets.UTF_8);
          check.set("report", JsonText.parse(report, "report"));
        }
        JsonNode wrong = python.call(check).path("wrong");
        if (!wrong.isEmpty()) {
          failures.add("case %d %s %s: %s".formatted(number, commands, arguments, wrong));
        }
      }
    }
    System.out.printf(
        "%d cases: %d tables, %d refused, %d without a layer%n",
        CASES, codes[0], codes[3], codes[5]);
    assertThat(failures).as("seed %d", Seed.value()).isEmpty();
    assertThat(codes[0]).isGreaterThan(CASES / 3);
  }

  private static Cli run(JsonNode command, int number) {
    List<String> args = new ArrayList<>();
    command.forEach(argument -> args.add(argument.asText()));
    args.addAll(List.of("--json", "--quiet"));
    if (number % SPARK_EVERY == SPARK_EVERY - 1) {
      args.addAll(List.of("--runner", "spark", "--master", "local[2]"));
    } else {
      args.addAll(List.of("--runner", "local", "--threads", String.valueOf(1 + number % 3)));
    }
    return Cli.run(args.toArray(String[]::new));
  }
}
