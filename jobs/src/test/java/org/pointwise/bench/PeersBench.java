package org.pointwise.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares whole reductions of real activations with typical Python programs. */
@Command(
    name = "scripts/bench peers",
    mixinStandardHelpOptions = true,
    description = {
      "256 channels of a DeepLab model over real pictures, 2 GB, zstd level 1 in and out, 2 threads:",
      "beside tensorstore and zarr-python 3, with its own codecs and with those of zarrs, each with",
      "NumPy. Seconds without start-up, the best of three runs in one process; rounds are paired."
    })
public final class PeersBench implements Callable<Integer> {
  private static final String SOURCE = "features.zarr/relu256";

  @Parameters(paramLabel = "DIR", description = "features.zarr and w2.npy … w96.npy")
  Path folder = Path.of("");

  @Option(names = "--python", required = true, description = "an interpreter with the peers")
  Path python = Path.of("");

  @Option(
      names = "--peers",
      required = true,
      paramLabel = "FILE",
      description = "peer_pipelines.py")
  Path peers = Path.of("");

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  public static void main(String[] args) {
    System.exit(new CommandLine(new PeersBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    Map<String, String> names = new LinkedHashMap<>();
    names.put("ts", "tensorstore, NumPy");
    names.put("zarrs", "zarr-python 3, zarrs, NumPy");
    names.put("zarr", "zarr-python 3, NumPy");
    BenchRuns runs = new BenchRuns(folder);
    runs.best(SOURCE, List.of(), "64"); // compiles once, as in a job that runs for hours
    for (String out : List.of("64", "2")) {
      double[] ours = new double[rounds];
      Map<String, double[]> theirs = new LinkedHashMap<>();
      names.keySet().forEach(peer -> theirs.put(peer, new double[rounds]));
      for (int round = 0; round < rounds; round++) {
        ours[round] = runs.best(SOURCE, List.of(), out);
        for (Map.Entry<String, double[]> peer : theirs.entrySet()) {
          peer.getValue()[round] = BenchRuns.peer(command(peer.getKey(), runs, out));
        }
      }
      for (Map.Entry<String, double[]> peer : theirs.entrySet()) {
        add("reduce 256 → " + out, ours, peer.getValue(), names.get(peer.getKey()));
      }
    }
    return 0;
  }

  private List<String> command(String peer, BenchRuns runs, String out) {
    return List.of(
        python.toString(),
        peers.toString(),
        peer,
        runs.path(SOURCE),
        runs.weights(out),
        folder.resolve("theirs").toString(),
        String.valueOf(BenchRuns.RUNS));
  }

  private void add(String name, double[] ours, double[] theirs, String peerName)
      throws IOException {
    Result.ofRounds(name, ours, theirs, peerName, false).print(json);
  }
}
