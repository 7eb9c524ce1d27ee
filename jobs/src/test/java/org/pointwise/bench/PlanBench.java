package org.pointwise.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pointwise.cli.Cli;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.Compression;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Head;
import org.pointwise.plan.ReducePlan;
import org.pointwise.plan.Reduction;
import org.pointwise.quantise.Overflow;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the cost of empty shards: planning a large store, and running over an empty one. */
@Command(
    name = "scripts/bench plan",
    mixinStandardHelpOptions = true,
    description = {
      "Plans a store of 6 PB (1,024 × float32 over 1.5·10¹² pixels) in 10⁷ shards, then runs",
      "--shards shards of a store that was never written through Spark on two cores."
    })
public final class PlanBench implements Callable<Integer> {
  private static final int CHANNELS = 1024;
  private static final int SIDE = 64;
  private static final long PETA_PIXELS = 1_500_000_000_000L;
  private static final long PETA_SHARDS = 10_000_000;

  @Option(names = "--shards", paramLabel = "N", description = "of the run (${DEFAULT-VALUE})")
  int shards = 1_000_000;

  @Option(names = "--json", paramLabel = "FILE", description = "append one JSON object a case")
  @Nullable Path json;

  public static void main(String[] args) {
    System.exit(new CommandLine(new PlanBench()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    System.out.println(Machine.describe());
    System.out.println(Result.header());
    Path folder = Files.createTempDirectory("pointwise-plan");
    try {
      plan(folder);
      run(folder, shards / 10); // warms up the compiler
      long few = heap();
      double seconds = run(folder, shards);
      add("run, an empty shard", "ms", seconds * 1000 / shards, 1, "limit");
      long many = heap();
      add("driver heap after it", "MB", many / 1e6, few / 1e6, "after a tenth of the shards");
    } finally {
      delete(folder);
    }
    return 0;
  }

  private void add(String name, String unit, double ours, double peer, String peerName)
      throws IOException {
    Result result = new Result(name, unit, ours, peer, peerName, peer / ours, Double.NaN);
    System.out.println(result.line());
    Result.append(json, List.of(result));
  }

  private void plan(Path folder) throws IOException {
    long images = PETA_PIXELS / (SIDE * SIDE);
    Path store = store(folder, images);
    long before = heap();
    long begun = System.nanoTime();
    FeatureSource source = Formats.open(ByteStores.LOCAL, store.toString(), null, null);
    PointwiseLayer layer = layer();
    long shardBytes = PETA_PIXELS / PETA_SHARDS * layer.outChannels() * Float.BYTES;
    Reduction spec =
        new Reduction(
            folder.resolve("out").toString(),
            OutputFormats.named("zarr3"),
            List.of(new Head("features", "random", layer)),
            null,
            Overflow.REFUSE,
            new Compression(Compression.Kind.ZSTD, 1),
            null,
            shardBytes);
    ReducePlan plan = ReducePlan.of(spec, source.info());
    long count = plan.units().count();
    long pixels = 0;
    for (long ordinal = 0; ordinal < count; ordinal++) {
      for (Box box : plan.units().groups(ordinal).get(0)) {
        pixels += box.pixels();
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    if (pixels != source.info().pixels()) {
      throw new IllegalStateException("The shards do not cover the store");
    }
    System.out.printf("%,d shards of %,d pixels%n", count, pixels);
    add("plan, every shard visited", "s", seconds, 5, "limit");
    add("driver heap of the plan", "MB", (heap() - before) / 1e6, 256, "limit");
  }

  private static PointwiseLayer layer() {
    return PointwiseLayer.of(new float[16 * CHANNELS], new float[16], Activation.NONE);
  }

  /** Writes the metadata of a store without any chunk. */
  private static Path store(Path folder, long images) throws IOException {
    Path array = Files.createDirectories(folder.resolve("in-%d.zarr/data".formatted(images)));
    Files.writeString(
        array.resolve(".zarray"),
        """
        {"zarr_format": 2, "shape": [%d, %d, %d, %d], "chunks": [1, %d, %d, %d], "dtype": "<f4",
         "compressor": null, "fill_value": 0, "order": "C", "filters": null}
        """
            .formatted(images, SIDE, SIDE, CHANNELS, SIDE, SIDE, CHANNELS));
    Files.writeString(
        array.resolve(".zattrs"), "{\"_ARRAY_DIMENSIONS\": [\"n\", \"y\", \"x\", \"c\"]}");
    return array;
  }

  /** Returns the tile seconds; each image is a shard. */
  private static double run(Path folder, int images) throws IOException {
    Path weights = folder.resolve("w.safetensors");
    org.pointwise.weights.WeightsWriter.write(
        ByteStores.LOCAL, weights.toString(), layer(), java.util.Map.of());
    String out = folder.resolve("out-" + images).toString();
    Cli done =
        Cli.run(
            "reduce",
            store(folder, images).toString(),
            out,
            "--weights",
            weights.toString(),
            "--missing-chunks",
            "nodata",
            "--shard-size",
            "0.25MiB",
            "--master",
            "local[2]",
            "--quiet");
    if (done.code() != 0) {
      throw new IllegalStateException(done.err());
    }
    JsonNode report =
        new ObjectMapper().readTree(Files.readString(Path.of(out + ".pointwise/report.json")));
    if (report.path("shardsEmpty").asLong() != images) {
      throw new IllegalStateException(report.toString());
    }
    return report.path("tileSeconds").asDouble();
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
