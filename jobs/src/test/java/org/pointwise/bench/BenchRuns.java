package org.pointwise.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pointwise.cli.Cli;

/**
 * Timed reductions, here and by peers, of the real activations that {@code scripts/bench} makes.
 *
 * @param folder with features.zarr, long.zarr and w2.npy … w96.npy
 */
record BenchRuns(Path folder) {
  static final int THREADS = 2;
  static final int RUNS = 3;

  private static final Pattern PEER_LINE = Pattern.compile("best of " + RUNS + " ([0-9.]+) s");

  /** Returns the tile seconds of the fastest of some runs on plain threads. */
  double best(String source, List<String> options, String... outs) throws IOException {
    double best = Double.MAX_VALUE;
    for (int run = 0; run < RUNS; run++) {
      best = Math.min(best, reduce(source, options, List.of("--runner", "local"), outs));
    }
    return best;
  }

  /** Returns the tile seconds of one run. */
  double reduce(String source, List<String> options, List<String> runner, String... outs)
      throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", path(source), folder.resolve("ours").toString(), "--overwrite"));
    for (String out : outs) {
      args.addAll(
          outs.length == 1
              ? List.of("--weights", weights(out))
              : List.of("--head", "h%s=%s".formatted(out, weights(out))));
    }
    args.addAll(List.of("--activation", "relu", "--quiet"));
    args.addAll(options);
    args.addAll(runner);
    return seconds(args, "ours");
  }

  /** Returns the tile seconds of one run over a Parquet table, on plain threads. */
  double reduceTable(String table, String weights) throws IOException {
    List<String> args = new ArrayList<>(List.of("reduce", table));
    args.add(folder.resolve("ours.parquet").toString());
    args.addAll(List.of("--overwrite=now", "--column", "embedding", "--weights", weights));
    args.addAll(List.of("--quiet", "--runner", "local", "--threads", String.valueOf(THREADS)));
    return seconds(args, "ours.parquet");
  }

  private double seconds(List<String> args, String output) throws IOException {
    Cli done = Cli.run(args.toArray(String[]::new));
    if (done.code() != 0) {
      throw new IllegalStateException(done.err());
    }
    return report(output).path("tileSeconds").asDouble();
  }

  String path(String source) {
    return folder.resolve(source).toString();
  }

  String weights(String out) {
    return folder.resolve("w" + out + ".npy").toString();
  }

  /** Returns the report of the last reduction. */
  JsonNode report() throws IOException {
    return report("ours");
  }

  private JsonNode report(String output) throws IOException {
    return new ObjectMapper()
        .readTree(Files.readString(folder.resolve(output + ".pointwise/report.json")));
  }

  /**
   * Returns the seconds of the fastest method that a peer prints, each the best of {@link #RUNS}.
   */
  static double peer(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String text = new String(process.getInputStream().readAllBytes(), "UTF-8");
    if (process.waitFor() != 0) {
      throw new IllegalStateException("The peer failed: " + command);
    }
    double best = Double.MAX_VALUE;
    Matcher line = PEER_LINE.matcher(text);
    while (line.find()) {
      best = Math.min(best, Double.parseDouble(line.group(1)));
    }
    return best;
  }
}
