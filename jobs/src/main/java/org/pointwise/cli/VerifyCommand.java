package org.pointwise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.StoredState;
import org.pointwise.hadoop.Stores;
import org.pointwise.plan.ChangedInput;
import org.pointwise.run.GrowingOutput;
import org.pointwise.run.OutputManifest;
import org.pointwise.run.Progress;
import org.pointwise.run.Recomputation;
import org.pointwise.run.Runner;
import org.pointwise.run.Verification;
import org.pointwise.run.Verifier;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.weights.NamedLayer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whether an output is whole, and right. */
@Command(
    name = "verify",
    description = {
      "Tells the state of every object of an output: whole, empty by right, never written, torn, corrupt, foreign (intact, but not what this plan stored), unproven (no receipt has its hash) or left over (of no plan).",
      "Reads lengths and shard indexes; with --deep, every byte. With --against, recomputes all pixels of sampled tiles in float64.",
      "Ends with 4 when anything is wrong."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class VerifyCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(index = "0", paramLabel = "OUTPUT", description = "An output of reduce.")
  String output = "";

  @Nullable
  @Option(
      names = "--against",
      paramLabel = "INPUT",
      description = "The input it was made of; needs --weights.")
  String against;

  @Mixin LayerOptions layers = new LayerOptions();

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Option(
      names = "--sample",
      paramLabel = "TILES",
      description = "Tiles to recompute (default: ${DEFAULT-VALUE}).")
  int sample = 64;

  @Option(
      names = "--sample-pixels",
      paramLabel = "N",
      description = "Pixels of a tile to recompute (default: all).")
  long samplePixels = Long.MAX_VALUE;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the sample (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--ignore-modification-times",
      description =
          "With --against, take the input for the one that OUTPUT was made of although its objects have other times of change; other lengths are refused all the same (default: refuse).")
  boolean ignoreTimes;

  @Option(names = "--deep", description = "Read every byte: checksums, and what chunks decode to.")
  boolean deep;

  @Option(
      names = "--delete-corrupt",
      description =
          "Delete torn, corrupt, foreign and left-over objects and mark the output incomplete: reduce then writes them again.")
  boolean deleteCorrupt;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--quiet", description = "No progress on stderr.")
  boolean quiet;

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if ((against == null) != layers.weights.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--against and --weights go together: give both or neither");
    }
    if (sample < 1 || samplePixels < 1) {
      throw new ParameterException(
          command.commandLine(), "--sample and --sample-pixels must be at least 1");
    }
    String uri = ByteStores.absolute(output);
    if (runner.given == null && !runner.onCluster()) {
      runner.given = RunnerOptions.Kind.LOCAL; // there is no cluster to start Spark for
    }
    return runner.with(
        "pointwise verify",
        chosen -> {
          Against opened = against == null ? null : open(uri, against);
          Verification found = verify(uri, chosen);
          // What was just deleted is no difference of numbers.
          if (opened != null && found.deleted() == 0 && !found.ended()) {
            opened.recomputation.compare(opened.layers, found);
          }
          print(found.json());
          return found.ok() ? 0 : 4;
        });
  }

  private Verification verify(String uri, Runner chosen) {
    Verifier verifier = new Verifier(Stores.ANY, chosen, deep, deleteCorrupt);
    if (quiet) {
      return verifier.verify(uri, Progress.SILENT);
    }
    try (ConsoleProgress progress = new ConsoleProgress("objects")) {
      return verifier.verify(uri, progress);
    }
  }

  /** What an output is compared with, in this process alone, once its objects were looked at. */
  private record Against(Recomputation recomputation, List<PointwiseLayer> layers) {}

  /** Opens it, and refuses what cannot be compared; null where there is no output of ours. */
  private @Nullable Against open(String uri, String inputUri) throws IOException {
    List<String> names = OutputManifest.headNames(uri, Stores.ANY);
    if (names.isEmpty()) {
      return null;
    }
    GrowingOutput grown = GrowingOutput.read(uri, Stores.ANY); // its files, in its own order
    FeatureSource input = reading.open(inputUri, grown == null ? List.of() : grown.imageNames());
    List<NamedLayer> given = layers.read(input.info().shape().c());
    if (names.size() != given.size()) {
      throw new ParameterException(
          command.commandLine(),
          "%s has the arrays %s but %d --weights are given".formatted(uri, names, given.size()));
    }
    Recomputation recomputation =
        new Recomputation(
            uri,
            input,
            Long.MAX_VALUE,
            new Recomputation.Sample(sample, samplePixels, seed),
            Stores.ANY);
    List<PointwiseLayer> made =
        recomputation.asRecorded(given.stream().map(NamedLayer::layer).toList());
    boolean known =
        recomputation.require(
            made, ignoreTimes ? ChangedInput.ACCEPT : ChangedInput.REFUSE, runner.here(1));
    if (!known && !quiet) {
      command
          .commandLine()
          .getErr()
          .println(
              "Input     is not in the place that OUTPUT was made from: compared by its numbers alone");
    }
    return new Against(recomputation, made);
  }

  private void print(ObjectNode found) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JsonText.text(found));
      return;
    }
    StringBuilder counts = new StringBuilder();
    for (StoredState state : StoredState.values()) {
      long count = found.path(state.json()).asLong();
      if (count > 0 || state == StoredState.WHOLE) {
        counts.append(counts.isEmpty() ? "" : ", ").append(count).append(' ');
        counts.append(state.words());
      }
    }
    boolean whole = found.path("status").asText().equals("whole");
    out.printf("%-9s %s: objects %s%n", whole ? "Whole" : "Damaged", output, counts);
    if (found.path("deleted").asLong() > 0) {
      out.printf(
          "%-9s %d objects; run reduce again to write them%n",
          "Deleted", found.path("deleted").asLong());
    }
    if (found.path("badPixels").asLong() > 0) {
      out.printf(
          "%-9s %d pixels, since their input could not be decoded; restore what report.json lists and run reduce again%n",
          "No data", found.path("badPixels").asLong());
    }
    if (found.has("comparedTiles")) {
      out.printf(
          Locale.ROOT,
          "%-9s %d of %d tiles: %d pixels, %d values recomputed in float64; the worst error is %.3f of what float32 may err%n",
          "Compared",
          found.path("comparedTiles").asLong(),
          found.path("tiles").asLong(),
          found.path("comparedPixels").asLong(),
          found.path("comparedValues").asLong(),
          found.path("worstErrorOfBound").asDouble());
    }
    for (JsonNode problem : found.path("problems")) {
      String key = problem.path("key").asText();
      String detail = problem.path("detail").asText();
      String state = problem.path("state").asText();
      List<String> parts = new ArrayList<>(List.of(key.isEmpty() ? "" : state, key, detail));
      parts.removeIf(String::isEmpty);
      out.println("Problem   " + String.join(": ", parts));
    }
  }
}
