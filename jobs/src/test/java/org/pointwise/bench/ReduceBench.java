package org.pointwise.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.ReduceParts;
import org.pointwise.conv.KernelProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares reductions of real activations with Python, Spark MLlib and the sum of their parts. */
@Command(
    name = "scripts/bench reduce",
    mixinStandardHelpOptions = true,
    description = {
      "256 channels of a DeepLab model over real pictures, 2 GB, zstd level 1 in and out, 2 threads.",
      "Seconds are from the first tile to the last shard, start-up excluded; in each round we take",
      "the best of three runs in one JVM, as the peer does in its process."
    })
public final class ReduceBench implements Callable<Integer> {
  private static final int CHANNELS = 256;
  private static final String SOURCE = "features.zarr/relu256";
  private static final String LONG_SOURCE = "long.zarr/relu256";

  @Parameters(paramLabel = "DIR", description = "features.zarr, long.zarr and w2.npy … w96.npy")
  Path folder = Path.of("");

  @Option(names = "--peer", paramLabel = "FILE", description = "peer_reduce.py; none: not compared")
  @Nullable Path peer;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  public static void main(String[] args) {
    System.exit(new CommandLine(new ReduceBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    local(List.of(), "64"); // compiles once, as in a job that runs for hours
    double wide = againstPython("reduce 256 → 64", List.of(), "64");
    againstPython("reduce 256 → 2", List.of(), "2");
    againstPython("reduce 256 → 64, float16", List.of("--dtype", "float16"), "64");
    againstPython("reduce 256 → 64+96+16+32", List.of(), "64", "96", "16", "32");
    for (String out : List.of("64", "2")) {
      ReduceParts parts =
          new ReduceParts(runs().path(SOURCE), runs().weights(out), BenchRuns.THREADS);
      double[] limits = new double[rounds];
      double[] ours = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ours[round] = local(List.of(), out);
        limits[round] = parts.seconds(folder);
      }
      add("reduce 256 → " + out, ours, limits, "its parts alone");
    }
    spark();
    double[] rows = new double[rounds];
    double[] ours = new double[rounds];
    long pixels = runs().report().path("pixels").asLong();
    for (int round = 0; round < rounds; round++) {
      rows[round] = pixels / MllibPeer.rowsPerSecond(CHANNELS, 64, BenchRuns.THREADS);
      ours[round] = wide;
    }
    add("reduce 256 → 64", ours, rows, "MLlib PCAModel, from memory");
    return 0;
  }

  private double againstPython(String name, List<String> options, String... outs)
      throws IOException, InterruptedException {
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      ours[round] = local(options, outs);
      for (String out : outs) {
        theirs[round] += peer == null ? Double.NaN : python(options.contains("float16"), out);
      }
    }
    add(
        name,
        ours,
        theirs,
        outs.length == 1 ? "zarr-python, NumPy, dask" : "the same, run 4 times");
    return Result.median(ours);
  }

  private void add(String name, double[] ours, double[] theirs, String peerName)
      throws IOException {
    Result.ofRounds(name, ours, theirs, peerName, peerName.equals("its parts alone")).print(json);
  }

  private double local(List<String> options, String... outs) throws IOException {
    return runs().best(SOURCE, options, outs);
  }

  private BenchRuns runs() {
    return new BenchRuns(folder);
  }

  private double python(boolean half, String out) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/usr/bin/python3",
                String.valueOf(peer),
                runs().path(SOURCE),
                runs().weights(out),
                folder.resolve("theirs").toString(),
                String.valueOf(BenchRuns.THREADS)));
    if (half) {
      command.add("--f16");
    }
    return BenchRuns.peer(command);
  }

  /** Reads four times the bytes, so that Spark's fixed costs do not matter. */
  private void spark() throws IOException {
    List<String> master = List.of("--master", "local[" + BenchRuns.THREADS + "]");
    for (String out : List.of("64", "2")) {
      double[] spark = new double[rounds];
      double[] plain = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        spark[round] = runs().reduce(LONG_SOURCE, List.of(), master, out);
        plain[round] = runs().reduce(LONG_SOURCE, List.of(), List.of("--runner", "local"), out);
      }
      add("reduce 256 → " + out + ", Spark local[2]", spark, plain, "plain threads, 8 GB");
    }
    runs().reduce(SOURCE, List.of(), master, "64");
    JsonNode report = runs().report();
    double start = report.path("seconds").asDouble() - report.path("tileSeconds").asDouble();
    System.out.printf("Spark: %.2f s from the command's start to the first tile%n", start);
  }
}
