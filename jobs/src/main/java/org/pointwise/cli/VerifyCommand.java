package org.pointwise.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.Listener;
import org.pointwise.Pointwise;
import org.pointwise.VerifyReport;
import org.pointwise.VerifySpec;
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
      "Tells the state of every object of an output: whole, empty by right, never written, torn, corrupt, foreign (intact, but not what this plan stored), unproven (no receipt has its hash) or left over (of no plan).",
      "Reads lengths and shard indexes; with --deep, every byte. Recomputes all pixels of sampled tiles in float64 from the input.",
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
      names = "--input",
      paramLabel = "INPUT",
      description = "The input that it was made of (default: as recorded in its run folder).")
  String input;

  @Mixin LayerOptions layers = new LayerOptions();

  @Mixin ReadingOptions reading = new ReadingOptions();

  @Option(
      names = "--tiles",
      paramLabel = "N",
      description =
          "Tiles to recompute in float64 and compare; 0 for none (default: ${DEFAULT-VALUE}).")
  int tiles = VerifySpec.TILES;

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
          "Take the input for the one that OUTPUT was made of although its objects have other times of change; other lengths are refused all the same (default: refuse).")
  boolean ignoreTimes;

  @Option(names = "--deep", description = "Read every byte: checksums, and what chunks decode to.")
  boolean deep;

  @Option(
      names = "--continue",
      description =
          "Go on with a verification that was stopped within a week: objects of arrays that it has looked at, and that have the same length and time of change, are not looked at again (default: look at all).")
  boolean continued;

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
    if (tiles < 0 || samplePixels < 1) {
      throw new ParameterException(
          command.commandLine(), "--tiles must be at least 0 and --sample-pixels at least 1");
    }
    VerifySpec spec = Specs.make(command, this::spec);
    if (runner.given == null && !runner.onCluster()) {
      runner.given = RunnerOptions.Kind.LOCAL; // without a cluster, Spark is not needed
    }
    try (Pointwise pointwise = runner.pointwise("pointwise verify")) {
      VerifyReport report =
          pointwise
              .with(quiet ? Listener.SILENT : new ConsoleListener(command.commandLine().getErr()))
              .verify(spec);
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
        counts.append(state.words());
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
      out.printf("%-9s %d objects; run reduce again to write them%n", "Deleted", report.deleted());
    }
    if (report.badPixels() > 0) {
      out.printf(
          "%-9s %d pixels, since their input could not be decoded; restore what report.json lists and run reduce again%n",
          "No data", report.badPixels());
    }
    if (report.compared()) {
      out.printf(
          Locale.ROOT,
          "%-9s %d of %d tiles: %d pixels, %d values recomputed in float64; the worst error is %.3f of what float32 may err%n",
          "Compared",
          report.comparedTiles(),
          report.tiles(),
          report.comparedPixels(),
          report.comparedValues(),
          report.worstErrorOfBound());
    }
    if (!report.notCompared().isEmpty()) {
      out.printf("%-9s not compared: %s%n", "Numbers", report.notCompared());
    }
    report.problems().forEach(problem -> out.println("Problem   " + problem));
  }
}
