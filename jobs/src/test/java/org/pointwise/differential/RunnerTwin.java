package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pointwise.cli.Cli;
import org.pointwise.store.JsonText;

/**
 * Compares both runners' receipts, reports and failures, apart from times, memory and fields that
 * name the runner.
 */
final class RunnerTwin {
  private static final Set<String> TIME_FIELDS = Set.of("nanos", "readNanos", "storeNanos");

  /** What a unit decoded: a worker that computed the unit before it may hold a tile of both. */
  private static final Set<String> CACHE_DEPENDENT_FIELDS = Set.of("chunks", "bytesRead");

  private static final Set<String> RUNNER_FIELDS =
      Set.of(
          "output",
          "seconds",
          "tileSeconds",
          "completedAt",
          "phases",
          "tasks",
          "memory",
          "runner",
          "versions");

  private RunnerTwin() {}

  /** Runs the same command on the other runner and adds the differences to the findings. */
  static void compare(
      Drawn drawn, Cli first, Path output, Path twin, Commands commands, Findings found)
      throws Exception {
    Cli second = commands.run("reduce on the other runner", drawn.reduceOnOther(twin));
    if (first.code() != second.code()
        || !normalisedMessages(first, output).equals(normalisedMessages(second, twin))) {
      found.add(
          "another failure on the other runner",
          "exit %d %s%nexit %d %s"
              .formatted(first.code(), first.err(), second.code(), second.err()));
    } else if (first.code() == 0) {
      requireSame("receipts", receipts(output), receipts(twin), found);
      requireSame("report", report(output), report(twin), found);
    }
  }

  private static void requireSame(
      String label, Map<String, String> first, Map<String, String> second, Findings found) {
    for (Map.Entry<String, String> entry : first.entrySet()) {
      String other = second.get(entry.getKey());
      if (!entry.getValue().equals(other)) {
        found.add(
            "other %s on the other runner".formatted(label),
            "%s: %s, but %s".formatted(entry.getKey(), entry.getValue(), other));
        return;
      }
    }
    if (first.size() != second.size()) {
      found.add(label + " of more units on the other runner", second.keySet().toString());
    }
  }

  /** Returns stderr without numbers, because it may name any one of several failing units. */
  private static String normalisedMessages(Cli done, Path output) {
    return done.err().replace(output.toString(), "OUTPUT").replaceAll("-?[0-9][-+.0-9E]*", "#");
  }

  /** Returns the receipts by ordinal. */
  private static Map<String, String> receipts(Path output) throws Exception {
    Map<String, String> receipts = new TreeMap<>();
    for (Path file : files(Path.of(output + ".pointwise/receipts"))) {
      for (String line : Files.readAllLines(file)) {
        ObjectNode receipt = JsonText.parse(line.getBytes(StandardCharsets.UTF_8), file.toString());
        receipt.remove(TIME_FIELDS);
        receipt.remove(CACHE_DEPENDENT_FIELDS);
        receipts.put(receipt.path("ordinal").asText(), receipt.toString());
      }
    }
    return receipts;
  }

  private static List<Path> files(Path folder) throws Exception {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.sorted().toList());
    }
  }

  private static Map<String, String> report(Path output) throws Exception {
    Path file = Path.of(output + ".pointwise/report.json");
    ObjectNode report = JsonText.parse(Files.readAllBytes(file), file.toString());
    report.remove(RUNNER_FIELDS);
    report.withObject("/thisRun").remove(CACHE_DEPENDENT_FIELDS);
    Map<String, String> fields = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : report.properties()) {
      fields.put(field.getKey(), field.getValue().toString());
    }
    return fields;
  }
}
