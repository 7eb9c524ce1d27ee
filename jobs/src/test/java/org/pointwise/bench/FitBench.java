package org.pointwise.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.conv.KernelProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares principal components of real activations with NumPy, scikit-learn and Spark MLlib. */
@Command(
    name = "scripts/bench fit",
    mixinStandardHelpOptions = true,
    description = {
      "64 components of 256 and of 1024 channels, 1 GB each, zstd level 1, 2 threads.",
      "Seconds are those of the whole command in a warm JVM, reading and writing included; the",
      "Python peers read the same store, MLlib has its rows in memory."
    })
public final class FitBench implements Callable<Integer> {
  private static final int THREADS = 2;
  private static final int COMPONENTS = 64;
  private static final int WARM_UP = 5; // until everything is compiled
  private static final Pattern PEER_LINE =
      Pattern.compile("^(.+): ([0-9]+) pixels .* ([0-9.]+) s [0-9.]+ Mpixel/s explained ([0-9.]+)");

  @Parameters(paramLabel = "DIR", description = "fit.zarr with f256 and f1024")
  Path folder = Path.of("");

  @Option(names = "--peer", paramLabel = "FILE", description = "peer_pca.py; none: not compared")
  @Nullable Path peer;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  @Option(names = "--rounds", paramLabel = "N", description = "paired rounds (${DEFAULT-VALUE})")
  int rounds = 3;

  private final ObjectMapper mapper = new ObjectMapper();

  public static void main(String[] args) {
    System.exit(new CommandLine(new FitBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    System.out.println(Machine.describe() + ", " + KernelProvider.forThisJvm().reason());
    System.out.println(Result.header());
    for (int channels : new int[] {256, 1024}) {
      for (int run = 0; run < WARM_UP; run++) {
        ours(channels);
      }
      Map<String, double[]> theirs = new HashMap<>();
      double[] ours = new double[rounds];
      long pixels = 0;
      for (int round = 0; round < rounds; round++) {
        JsonNode report = ours(channels);
        ours[round] = report.path("seconds").asDouble();
        pixels = report.path("pixels").asLong();
        int at = round;
        double kept = report.at("/layer/explainedVariance").asDouble();
        python(channels, kept)
            .forEach(
                (name, seconds) ->
                    theirs.computeIfAbsent(name, any -> new double[rounds])[at] = seconds);
      }
      for (int round = 0; round < rounds; round++) { // last, because it leaves its rows on the heap
        theirs.computeIfAbsent("Spark MLlib, from memory", any -> new double[rounds])[round] =
            MllibPeer.fitSeconds(pixels, channels, COMPONENTS, THREADS);
      }
      for (Map.Entry<String, double[]> entry : theirs.entrySet()) {
        add("fit %d → %d".formatted(channels, COMPONENTS), ours, entry.getValue(), entry.getKey());
      }
    }
    return 0;
  }

  private void add(String name, double[] ours, double[] theirs, String peerName)
      throws IOException {
    Result.ofRounds(name, ours, theirs, peerName, false).print(json);
  }

  private String source(int channels) {
    return folder.resolve("fit.zarr/f" + channels).toString();
  }

  private JsonNode ours(int channels) throws IOException {
    Cli done =
        Cli.run(
            "fit",
            source(channels),
            folder.resolve("fitted.safetensors").toString(),
            "--channels",
            String.valueOf(COMPONENTS),
            "--overwrite",
            "--quiet",
            "--json",
            "--runner",
            "local",
            "--threads",
            String.valueOf(THREADS));
    if (done.code() != 0) {
      throw new IllegalStateException(done.err());
    }
    return mapper.readTree(done.out());
  }

  /**
   * Returns the seconds of each of the peer's methods, which must keep as much variance as ours.
   */
  private Map<String, Double> python(int channels, double kept)
      throws IOException, InterruptedException {
    Map<String, Double> seconds = new HashMap<>();
    if (peer == null) {
      return seconds;
    }
    Process process =
        new ProcessBuilder(
                "/usr/bin/python3",
                String.valueOf(peer),
                source(channels),
                String.valueOf(COMPONENTS),
                String.valueOf(THREADS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), "UTF-8");
    if (process.waitFor() != 0) {
      throw new IllegalStateException("The peer failed");
    }
    for (String line : text.lines().toList()) {
      Matcher found = PEER_LINE.matcher(line);
      if (found.find()) {
        seconds.put(found.group(1), Double.parseDouble(found.group(3)));
        if (Math.abs(Double.parseDouble(found.group(4)) - kept) > 0.01) {
          throw new IllegalStateException("Not the same work: we keep " + kept + ", " + line);
        }
      }
    }
    return seconds;
  }
}
