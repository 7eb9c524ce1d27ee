package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * Reads every kind of output with zarr-python 3, xarray, tensorstore, NumPy and scikit-learn, in
 * the versions that {@code scripts/interop/requirements.txt} pins.
 */
class PeersIT {
  /** Element types that a client does not support; all others must be read. */
  private static final Map<String, List<String>> UNSUPPORTED =
      Map.of(
          "zarr", List.of("bfloat16"), // zarr-python 3.1
          "xarray", List.of("bfloat16"), // read through zarr-python
          "xarray, consolidated", List.of("bfloat16"),
          "tensorstore", List.of(),
          "numpy", List.of());

  private static final int N = 3;
  private static final int Y = 13;
  private static final int X = 18;

  @TempDir static Path folder;

  /** The values that the clients read, by output, client and array. */
  private static JsonNode read;

  /** One output with the number of channels of each head. */
  private record Case(String name, String dtype, List<Integer> heads, List<String> options) {
    String output() {
      return folder + "/" + name;
    }

    boolean npy() {
      return options.contains("npy");
    }

    String array(int head) {
      return heads.size() == 1 ? (npy() ? "." : "features") : "h" + head;
    }
  }

  private static final List<Case> CASES = new ArrayList<>();

  @BeforeAll
  static void reduceAndRead() throws Exception {
    String python = Processes.python(folder);
    Arrays4 array = Arrays4.random(Seed.random("peers"), new FeatureShape(N, Y, X, 10));
    Extent chunk = new Extent(1, 8, 8);
    String input = array.zarr(folder + "/in.zarr", 3, "n,c,y,x", chunk, chunk);
    List<String> command = new ArrayList<>();
    command.add(python);
    command.add(Processes.root().resolve("scripts/interop/read_outputs.py").toString());
    for (String dtype : List.of("float32", "float16", "bfloat16", "float64")) {
      for (List<Integer> heads : List.of(List.of(6), List.of(4, 4), List.of(2, 5))) {
        add(dtype, heads, "sharded", "--format", "zarr3");
        add(dtype, heads, "shards", "--format", "zarr3", "--shard-size", "0.002MiB");
        add(dtype, heads, "unsharded", "--format", "zarr3", "--shard-size", "0");
        add(dtype, heads, "v2", "--format", "zarr2");
        add(dtype, heads, "npy", "--format", "npy");
      }
    }
    for (String codec : List.of("gzip", "blosc", "none")) {
      add("float32", List.of(6), codec, "--format", "zarr3", "--compressor", codec);
      add("float32", List.of(6), "v2" + codec, "--format", "zarr2", "--compressor", codec);
    }
    for (Case each : CASES) {
      reduce(each, input);
      command.add(each.output());
    }
    Processes done = Processes.run(folder, command.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    read = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "read_outputs.py");
  }

  private static void add(String dtype, List<Integer> heads, String layout, String... options) {
    if (List.of("npy", "v2").contains(layout) && dtype.equals("bfloat16")) {
      return; // refused: these formats use NumPy's type names, and NumPy has no bfloat16
    }
    String name = layout + "-" + dtype + "-" + heads.toString().replaceAll("[^0-9]+", "_");
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--dtype", dtype));
    CASES.add(new Case(name, dtype, heads, all));
  }

  private static void reduce(Case each, String input) throws Exception {
    List<String> args = new ArrayList<>(List.of("reduce", input, each.output()));
    Random random = Seed.random("peers' weights");
    for (int head = 0; head < each.heads().size(); head++) {
      int channels = each.heads().get(head);
      float[] weights = new float[channels * 10];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextGaussian();
      }
      String file = folder + "/" + each.name() + head + ".safetensors";
      WeightsWriter.write(
          ByteStores.LOCAL,
          file,
          PointwiseLayer.of(weights, new float[channels], Activation.NONE),
          Map.of());
      args.addAll(
          each.heads().size() == 1
              ? List.of("--weights", file)
              : List.of("--head", "h%d=%s".formatted(head, file)));
    }
    args.addAll(each.options());
    args.addAll(List.of("--runner", "local", "--quiet"));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
  }

  private static void compare(Case each, String client, int head, JsonNode found) throws Exception {
    String description = each.name() + " by " + client + " " + found.path("error").asText();
    int channels = each.heads().get(head);
    assertThat(found.path("shape").toString())
        .as(description)
        .isEqualTo("[%d,%d,%d,%d]".formatted(N, channels, Y, X));
    Path array = Path.of(each.output(), each.array(head)).normalize();
    FeatureSource ours =
        each.npy()
            ? Formats.open(ByteStores.LOCAL, array.toString(), Axes.parse("n,c,y,x"), null)
            : Reductions.open(array.toString());
    float[] values = Reductions.read(ours); // n, y, x, c
    ByteBuffer channelsFirst =
        ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    double[] means = new double[channels];
    for (int n = 0; n < N; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < Y * X; p++) {
          float value = values[(n * Y * X + p) * channels + c];
          channelsFirst.putFloat(value);
          means[c] += value / (double) (N * Y * X);
        }
      }
    }
    assertThat(found.path("sha256").asText())
        .as(description)
        .isEqualTo(Hashes.sha256(channelsFirst.array()));
    for (int c = 0; c < channels; c++) {
      assertThat(found.path("means").path(c).asDouble()).isCloseTo(means[c], within(1e-9));
    }
  }

  private static void everyCase(String client) throws Exception {
    int compared = 0;
    for (Case each : CASES) {
      JsonNode found = read.path(each.output()).path(client);
      for (int head = 0; head < each.heads().size() && !found.isMissingNode(); head++) {
        if (UNSUPPORTED.getOrDefault(client, List.of()).contains(each.dtype())) {
          assertThat(found.toString()).as("%s lacks %s", client, each.dtype()).contains("error");
        } else {
          JsonNode array = found.has("error") ? found : found.path(each.array(head));
          compare(each, client, head, array);
          compared++;
        }
      }
    }
    assertThat(compared).as(client).isGreaterThan(client.equals("numpy") ? 14 : 50);
  }

  @Test
  void zarrPython3ReadsEveryOutput() throws Exception {
    everyCase("zarr");
  }

  @Test
  void tensorstoreReadsEveryOutput() throws Exception {
    everyCase("tensorstore");
  }

  @Test
  void numpyReadsEveryFile() throws Exception {
    everyCase("numpy");
  }

  @Test
  void xarrayOpensEveryGroupWithAllItsHeads() throws Exception {
    everyCase("xarray");
  }

  /** xarray looks for consolidated metadata first; it must be found without a warning. */
  @Test
  void xarrayFindsConsolidatedMetadata() throws Exception {
    everyCase("xarray, consolidated");
  }
}
