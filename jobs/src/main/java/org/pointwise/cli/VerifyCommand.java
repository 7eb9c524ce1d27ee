package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pointwise.Pointwise;
import org.pointwise.VerifyReport;
import org.pointwise.VerifySpec;
import org.pointwise.errors.Count;
import org.pointwise.format.StoredState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks whether an output is whole and its values are correct. */
@Command(
    name = "verify",
    description = {
      "Checks whether an output is complete and correct.",
      "Reads lengths and shard indexes; with --deep, every byte. Recomputes the pixels of sampled tiles in float64 from the input."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    footer = {
      "",
      "States of an object: whole, correctly empty (all pixels are nodata), never",
      "written, torn, corrupt, foreign (intact, but not what this plan stored),",
      "unproven (no receipt has its hash), left over (of no plan).",
      "Exit code 4 if anything is wrong."
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "OUTPUT",
      description = "Output of 'reduce' or 'reconstruct'.")
  String output = "";

  @Nullable
  @Option(
      names = "--input",
      paramLabel = "INPUT",
      description = "Input of the reduction (default: as recorded).")
  String input;

  @Mixin LayerOptions layers = new LayerOptions();

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Option(
      names = "--tiles",
      paramLabel = "N",
      description =
          "Tiles to recompute, 0 for none (default: ${DEFAULT-VALUE}). They are computed in float64 and compared with the output.")
  int tiles = VerifySpec.TILES;

  @Rare
  @Option(
      names = "--sample-pixels",
      paramLabel = "N",
      description = "Number of pixels to recompute in each tile (default: all).")
  long samplePixels = Long.MAX_VALUE;

  @Rare
  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Random seed of the sample (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Rare
  @Option(
      names = "--ignore-modification-times",
      description =
          "Accept input objects with other modification times. Objects with other lengths than when OUTPUT was written are refused nevertheless. By default, both are refused.")
  boolean ignoreTimes;

  @Option(names = "--deep", description = "Read every byte: checksums and decoded chunks.")
  boolean deep;

  @Option(
      names = "--continue",
      description =
          "Continue a verification that was interrupted. It must have been interrupted within the last week. Objects of arrays that it has checked, with the same length and modification time, are not checked again. By default all objects are checked.")
  boolean continued;

  @Option(
      names = "--delete-corrupt",
      description =
          "Delete damaged objects, for the same command to write again. These are torn, corrupt, foreign and left-over objects. The output is marked incomplete.")
  boolean deleteCorrupt;

  @Mixin RunnerOptions runner = new RunnerOptions();

  @Option(names = "--quiet", description = WarningListener.QUIET)
  boolean quiet;

  @Option(names = "--json", description = "Print the report as JSON on stdout.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if (tiles < 0 || samplePixels < 1) {
      throw new ParameterException(
          command.commandLine(), "--tiles must be at least 0 and --sample-pixels at least 1");
    }
    layers.requireOneForBias(command.commandLine(), layers.weights.size());
    VerifySpec spec = Specs.create(command, this::spec);
    if (runner.selected == null && !runner.onCluster()) {
      runner.selected = RunnerOptions.Kind.LOCAL; // without a cluster, Spark is not needed
    }
    PrintWriter err = command.commandLine().getErr();
    try (Pointwise pointwise = runner.pointwise("pointwise verify")) {
      VerifyReport report =
          pointwise.with(quiet ? new WarningListener(err) : new ConsoleListener(err)).verify(spec);
      print(report);
      return report.whole() ? 0 : 4;
    }
  }

  private VerifySpec spec() {
    VerifySpec.Against numbers =
        tiles == 0
            ? null
            : new VerifySpec.Against(
                input == null ? null : reading.spec(input),
                layers.refs(),
                tiles,
                samplePixels,
                seed,
                ignoreTimes);
    return new VerifySpec(output, deep, deleteCorrupt, continued, numbers);
  }

  private static String heading(VerifyReport report) {
    String status = report.status();
    return status.substring(0, 1).toUpperCase(Locale.ROOT) + status.substring(1);
  }

  private static String largestError(VerifyReport report) {
    if (report.comparedTypes().isEmpty()) {
      return "";
    }
    String rounded =
        report.comparedTypes().stream()
            .filter(type -> type.endsWith("float16"))
            .map(type -> " rounded to " + type)
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "; the largest error is %.3f of the bound for float32 sums%s",
        report.worstErrorOfBound(),
        rounded);
  }

  private void print(VerifyReport report) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(report.json());
      return;
    }
    StringBuilder counts = new StringBuilder();
    long checked = 0;
    for (StoredState state : StoredState.values()) {
      long count = report.objects(state);
      checked += count;
      if (count > 0 || state == StoredState.WHOLE) {
        counts.append(counts.isEmpty() ? "" : ", ").append(count).append(' ');
        counts.append(state.label());
      }
    }
    out.printf(
        "%-9s %s: objects %s%n",
        heading(report),
        output,
        checked == 0 && !report.whole()
            ? "not checked"
            : deep ? counts : counts + ", by lengths and indexes (--deep reads contents)");
    if (report.deleted() > 0) {
      out.printf(
          "%-9s %s; run %s again to write what is missing%n",
          "Deleted", Count.of(report.deleted(), "object"), report.command());
    }
    if (report.badPixels() > 0) {
      out.printf(
          "%-9s %s, since the input could not be decoded; restore what report.json lists and run %s again (of several inputs, only the latest is stored again)%n",
          "No data", Count.of(report.badPixels(), "pixel"), report.command());
    }
    if (report.compared()) {
      out.printf(
          Locale.ROOT,
          "%-9s %d of %s: %s, %s recomputed in float64%s%n",
          "Compared",
          report.comparedTiles(),
          Count.of(report.tiles(), "tile"),
          Count.of(report.comparedPixels(), "pixel"),
          Count.of(report.comparedValues(), "value"),
          largestError(report));
    }
    if (!report.notCompared().isEmpty()) {
      out.printf("%-9s not compared: %s%n", "Numbers", report.notCompared());
    }
    report.problems().forEach(problem -> out.println("Problem   " + problem));
  }
}
