package org.pointwise.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.run.Recomputation;
import org.pointwise.run.RunFolder;
import org.pointwise.run.Sources;
import org.pointwise.run.Verification;
import org.pointwise.run.Verifier;
import org.pointwise.store.ByteStores;
import org.pointwise.store.FeatureSource;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
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
      "Reads an output whole: every shard's index and checksums, and that none is missing.",
      "With --against, recomputes sampled tiles in float64."
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

  @Nullable
  @Option(names = "--axes", paramLabel = "A,B,…", description = "The input's axes.")
  String axes;

  @Nullable
  @Option(names = "--nodata", paramLabel = "VALUE", description = "As given to reduce.")
  Float nodata;

  @Option(
      names = "--sample",
      paramLabel = "TILES",
      description = "Tiles to recompute (default: ${DEFAULT-VALUE}).")
  int sample = 64;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the sample (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Objects read at once (default: all cores).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if ((against == null) != layers.weights.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--against and --weights go together: give both or neither");
    }
    String uri = ByteStores.absolute(output);
    Verification found = new Verifier(Stores.ANY, threads).verify(uri);
    if (against != null) {
      compare(uri, against, found);
    }
    print(found.json());
    return found.ok() ? 0 : 4;
  }

  private void compare(String uri, String inputUri, Verification found) throws IOException {
    FeatureSource input =
        Sources.open(Stores.ANY, inputUri, axes == null ? null : Axes.parse(axes), nodata);
    List<String> names = RunFolder.headNames(uri, Stores.ANY);
    List<NamedLayer> given = layers.read(input.info().shape().c());
    if (names.size() != given.size()) {
      throw new ParameterException(
          command.commandLine(),
          "%s has the arrays %s but %d --weights are given".formatted(uri, names, given.size()));
    }
    Recomputation recomputation = new Recomputation(input, Stores.ANY);
    for (int i = 0; i < names.size(); i++) {
      recomputation.compare(uri, names.get(i), given.get(i).layer(), sample, seed, found);
    }
  }

  private void print(ObjectNode found) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JsonText.text(found));
      return;
    }
    out.printf(
        Locale.ROOT,
        "%-9s %s: %d objects whole, %d empty by right, %d never written, %d corrupt%n",
        found.path("status").asText().equals("whole") ? "Whole" : "Damaged",
        output,
        found.path("whole").asLong(),
        found.path("empty").asLong(),
        found.path("neverWritten").asLong(),
        found.path("corrupt").asLong());
    if (found.has("comparedValues")) {
      out.printf(
          Locale.ROOT,
          "%-9s %d values recomputed in float64; the worst error is %.3f of what float32 may err%n",
          "Compared",
          found.path("comparedValues").asLong(),
          found.path("worstErrorOfBound").asDouble());
    }
    found.path("problems").forEach(problem -> out.println("Problem   " + problem.asText()));
  }
}
