package org.pointwise.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.testing.Folders;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares reductions of Parquet tables with PyArrow and NumPy. */
@Command(
    name = "scripts/bench parquet",
    mixinStandardHelpOptions = true,
    description = {
      "Embeddings of 768 channels in 8 Parquet files to 64 channels, 2 threads, the codec of the input,",
      "beside PyArrow with NumPy. Seconds without start-up, the best of three runs in one process;",
      "rounds are paired."
    })
public final class ParquetBench implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "a folder for the tables")
  Path folder = Path.of("");

  @Option(names = "--python", required = true, description = "an interpreter with PyArrow")
  Path python = Path.of("");

  @Option(names = "--peer", required = true, paramLabel = "FILE", description = "bench-parquet.py")
  Path peer = Path.of("");

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  @Option(names = "--rows", paramLabel = "N", description = "rows (${DEFAULT-VALUE})")
  int rows = 160_000;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  public static void main(String[] args) {
    System.exit(new CommandLine(new ParquetBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    for (String codec : List.of("none", "zstd")) {
      String table = folder.resolve(codec + ".parquet").toString();
      String weights = folder.resolve("w.npy").toString();
      Folders.delete(Path.of(table));
      Files.createDirectories(folder);
      run("make", table, weights, String.valueOf(rows), codec);
      double[] ours = new double[rounds];
      double[] theirs = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ours[round] = best(table, weights);
        String out = folder.resolve("theirs").toString();
        theirs[round] = BenchRuns.peer(command("reduce", table, weights, out, "" + BenchRuns.RUNS));
      }
      run("compare", folder.resolve("ours.parquet").toString(), folder + "/theirs");
      Result.ofRounds("reduce 768 → 64 of Parquet, " + codec, ours, theirs, "PyArrow, NumPy", false)
          .print(json);
    }
    return 0;
  }

  private double best(String table, String weights) throws IOException {
    BenchRuns runs = new BenchRuns(folder);
    double best = Double.MAX_VALUE;
    for (int run = 0; run < BenchRuns.RUNS; run++) {
      best = Math.min(best, runs.reduceTable(table, weights));
    }
    return best;
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(python.toString(), peer.toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private void run(String... arguments) throws IOException, InterruptedException {
    int code = new ProcessBuilder(command(arguments)).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IllegalStateException("The peer failed: exit " + code);
    }
  }
}
