package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** Reads outputs with independent readers: zarrita (v3), zarr-python and xarray (v2). */
class InteropIT {
  private static final Path SCRIPTS = Processes.root().resolve("scripts/interop");

  @TempDir Path folder;

  private String input;
  private String weights;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("interop"), new FeatureShape(3, 21, 34, 10));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 2, "n,c,y,x", chunk, chunk);
    coordinate(
        "n",
        "<i8",
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(5)
            .putLong(7)
            .putLong(1L << 40)
            .array());
    ByteBuffer y = ByteBuffer.allocate(21 * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 21; i++) {
      y.putDouble(60 - i / 8.0);
    }
    coordinate("y", "<f8", y.array());
    float[] values = new float[60];
    for (int i = 0; i < 60; i++) {
      values[i] = (i % 11 - 5) / 4f;
    }
    weights = folder + "/w.safetensors";
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(values, new float[6], Activation.RELU),
        Map.of());
  }

  private void coordinate(String name, String dtype, byte[] values) throws Exception {
    Path array = Files.createDirectories(folder.resolve("in.zarr").resolve(name));
    long length = values.length / 8;
    Files.writeString(
        array.resolve(".zarray"),
        """
        {"zarr_format":2,"shape":[%d],"chunks":[%d],"dtype":"%s","compressor":null,
         "fill_value":0,"order":"C","filters":null}"""
            .formatted(length, length, dtype));
    Files.writeString(array.resolve(".zattrs"), "{\"_ARRAY_DIMENSIONS\":[\"%s\"]}".formatted(name));
    Files.write(array.resolve("0"), values);
  }

  private String reduce(String name, String... more) {
    String output = folder.resolve(name).toString();
    List<String> args =
        new java.util.ArrayList<>(
            List.of("reduce", input, output, "--weights", weights, "--runner", "local", "--quiet"));
    args.addAll(List.of(more));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return output;
  }

  private JsonNode read(String... command) throws Exception {
    Processes read = Processes.run(folder, command);
    assertThat(read.code()).as(read.err()).isZero();
    return JsonText.parse(read.out().getBytes(StandardCharsets.UTF_8), command[0]);
  }

  private static void assumePresent(boolean present, String dependency) {
    Assumptions.assumeTrue(present, "Skipped: " + dependency);
  }

  private void compare(JsonNode read, String array) throws Exception {
    assertThat(read.path("shape").toString()).isEqualTo("[3,6,21,34]");
    assertThat(read.path("names").toString()).isEqualTo("[\"n\",\"c\",\"y\",\"x\"]");
    float[] ours = Reductions.read(Reductions.open(array)); // n, y, x, c
    ByteBuffer channelsFirst = ByteBuffer.allocate(ours.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int n = 0; n < 3; n++) {
      for (int c = 0; c < 6; c++) {
        for (int p = 0; p < 21 * 34; p++) {
          channelsFirst.putFloat(ours[(n * 21 * 34 + p) * 6 + c]);
        }
      }
    }
    assertThat(read.path("sha256").asText()).isEqualTo(Hashes.sha256(channelsFirst.array()));
  }

  @Test
  void zarritaReadsVersion3ShardedAndUnsharded() throws Exception {
    assumePresent(
        Files.exists(SCRIPTS.resolve("node_modules/zarrita")),
        "zarrita is not installed (npm ci --prefix scripts/interop)");
    String script = SCRIPTS.resolve("read_zarr.mjs").toString();
    for (String[] options :
        new String[][] {
          {"sharded"},
          {"sharded-small", "--shard-size", "0.002MiB"},
          {"unsharded", "--shard-size", "0"},
          {"gzip", "--compressor", "gzip"},
          {"blosc", "--compressor", "blosc", "--shard-size", "0.002MiB"},
          {"none", "--compressor", "none"}
        }) {
      String[] more = java.util.Arrays.copyOfRange(options, 1, options.length);
      String array = reduce(options[0] + ".zarr", more) + "/features";
      compare(read("node", script, array), array);
    }
  }

  @Test
  void zarrPythonReadsVersion2() throws Exception {
    assumePresent(hasPython("zarr"), "zarr-python is not installed (Debian's python3-zarr)");
    String script = SCRIPTS.resolve("read_zarr.py").toString();
    for (String codec : List.of("zstd", "blosc", "gzip", "none")) {
      String array =
          reduce("v2-" + codec, "--format", "zarr2", "--compressor", codec) + "/features";
      compare(read("/usr/bin/python3", script, array), array);
    }
  }

  @Test
  void xarrayOpensGroupWithCoordinates() throws Exception {
    assumePresent(hasPython("xarray"), "xarray is not installed (Debian's python3-xarray)");
    String group = reduce("x.zarr", "--format", "zarr2");
    JsonNode read =
        read("/usr/bin/python3", SCRIPTS.resolve("read_xarray.py").toString(), group, "features");
    compare(read, group + "/features");
    assertThat(read.path("coordinates").path("n").toString()).isEqualTo("[5,7,1099511627776]");
    assertThat(read.path("coordinates").path("y").path(20).asDouble()).isEqualTo(57.5);
  }

  private boolean hasPython(String module) throws Exception {
    return Files.exists(Path.of("/usr/bin/python3"))
        && Processes.run(folder, "/usr/bin/python3", "-c", "import " + module).code() == 0;
  }
}
