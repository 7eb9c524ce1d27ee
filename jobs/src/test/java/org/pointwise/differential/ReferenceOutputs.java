package org.pointwise.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.pointwise.cli.Cli;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;

/**
 * Recorded reductions, so that changes of structure can be distinguished from changes of bytes. One
 * line per case holds all its options and hashes of its input and of its output.
 *
 * <p>The hash of an output covers every object, its metadata and its plan, except fields that
 * depend on the location or the version.
 */
final class ReferenceOutputs {
  /**
   * Fields left out of the hash. The facts behind the fingerprint stay in the plan, memory does
   * not.
   */
  private static final List<String> VOLATILE_FIELDS =
      List.of("fingerprint", "lineage", "version", "zstd", "bytesPerTask");

  static final String REFUSED_MARK = "refused";

  private ReferenceOutputs() {}

  /**
   * A recorded reduction.
   *
   * @param input hash of the names and sizes of the files that the case draws
   * @param output hash of what the reduction stores, or {@link #REFUSED}
   */
  record Line(Case testCase, String input, String output) {
    String text() {
      ObjectNode json =
          JsonText.object()
              .put("number", testCase.number())
              .put("seed", testCase.seed())
              .put("input", input)
              .put("output", output);
      ObjectNode options = json.putObject("options");
      new TreeMap<>(testCase.values()).forEach(options::put);
      return JsonText.line(json);
    }

    static Line of(String text) {
      JsonNode json = JsonText.parse(text.getBytes(StandardCharsets.UTF_8), "the record");
      Map<String, String> options = new LinkedHashMap<>();
      json.path("options")
          .fields()
          .forEachRemaining(option -> options.put(option.getKey(), option.getValue().asText()));
      return new Line(
          new Case(json.path("number").asLong(), json.path("seed").asLong(), options),
          json.path("input").asText(),
          json.path("output").asText());
    }
  }

  /** Records the given cases, or those of the existing file. */
  static void record(Path file, List<Case> cases, Path folder, Reference reference)
      throws IOException {
    List<Case> same = new ArrayList<>();
    if (Files.exists(file)) {
      Files.readAllLines(file).forEach(line -> same.add(Line.of(line).testCase()));
    }
    List<String> lines = new ArrayList<>();
    for (Case testCase : same.isEmpty() ? cases : same) {
      Path own = Files.createTempDirectory(folder, "record");
      lines.add(run(testCase, own, reference).text());
      Session.delete(own);
    }
    Files.write(file, lines);
  }

  /** Runs a case in an empty folder. */
  static Line run(Case testCase, Path folder, Reference reference) throws IOException {
    Drawn drawn = reference.draw(testCase, folder);
    String input = namesAndSizes(folder);
    Path output = folder.resolve("out");
    Cli done = Cli.run(drawn.reduce(output));
    if (done.code() != 0 && done.code() != 3) {
      throw new IllegalStateException(testCase + ": " + done.err());
    }
    return new Line(testCase, input, done.code() == 0 ? hash(output, folder) : REFUSED_MARK);
  }

  /**
   * Hashes names and sizes only, since gzip stores the time, so that bytes differ between draws.
   */
  private static String namesAndSizes(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files(folder)) {
      lines.add(folder.relativize(file) + " " + Files.size(file));
    }
    return Hashes.sha256(String.join("\n", lines));
  }

  /** Hashes all files in a folder and the plan beside it. */
  private static String hash(Path of, Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files(of)) {
      lines.add(of.relativize(file) + " " + Hashes.sha256(masked(file, folder)));
    }
    Path plan = Path.of(of + ".pointwise/plan.json");
    if (Files.exists(plan)) {
      lines.add("plan " + Hashes.sha256(masked(plan, folder)));
    }
    return Hashes.sha256(String.join("\n", lines));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String masked(Path file, Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String name = file.getFileName().toString();
    if (!name.endsWith(".json") && !name.startsWith(".z")) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    JsonNode json = JsonText.parse(bytes, file.toString());
    json.findParents("version").forEach(ReferenceOutputs::mask);
    json.findParents("fingerprint").forEach(ReferenceOutputs::mask);
    return JsonText.text(json).replace(folder.toString(), "FOLDER");
  }

  private static void mask(JsonNode parent) {
    ((ObjectNode) parent).remove(VOLATILE_FIELDS);
  }
}
