package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** An input that grows along n. */
abstract class GrowingInputFixture {
  static final Extent CHUNK = new Extent(1, 8, 8);

  @TempDir Path folder;

  Path output;

  final FeatureShape all = new FeatureShape(11, 16, 16, 8);
  final Arrays4 array = Arrays4.random(Seed.random("append"), all);

  /** Returns the first images of the array. */
  Arrays4 first(long images) {
    FeatureShape shape = new FeatureShape(images, all.y(), all.x(), all.c());
    int length = Math.toIntExact(shape.pixels() * shape.c());
    return new Arrays4(shape, Arrays.copyOf(array.values(), length));
  }

  String input(long images) throws Exception {
    Folders.Snapshot before = new Folders.Snapshot(folder.resolve("in.zarr"));
    String input = first(images).zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    before.restoreTimes();
    return input;
  }

  static JsonNode json(Cli done) {
    assertThat(done.code()).as(done.out() + done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  static String[] merged(String[] a, String[] b) {
    List<String> both = new ArrayList<>(Arrays.asList(a));
    both.addAll(Arrays.asList(b));
    return both.toArray(String[]::new);
  }

  static Cli moments(String input, String file, String... more) {
    List<String> args = new ArrayList<>(List.of("moments", input, file));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  /** Options for shards of four images, each of 16·16·4 float32 values. */
  static final String[] SHARDS = {"--shard-size", "0.0157MiB"};

  @BeforeEach
  void makeWeights() throws Exception {
    output = folder.resolve("out.zarr");
    float[] values = new float[8 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 - 3;
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(values, new float[4], Activation.NONE),
        Map.of());
  }

  Cli reduce(String input, Path to, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, to.toString(), "--weights", folder + "/w.safetensors"));
    args.addAll(List.of("--runner", "local", "--quiet", "--json"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  Cli append(String input, Path to, String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(SHARDS));
    args.add("--append");
    args.addAll(Arrays.asList(more));
    return reduce(input, to, args.toArray(String[]::new));
  }

  void verify(Path output, int code) {
    Cli found = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(found.code()).as(found.out() + found.err()).isEqualTo(code);
  }

  void requireNewImages(JsonNode report, int first, String... lines) throws Exception {
    assertThat(report.path("firstImage").asInt(-1)).isEqualTo(first);
    assertThat(report.path("images").asInt()).isEqualTo(first + lines.length);
    assertThat(Files.readAllLines(Path.of(output + ".pointwise/new-images.txt")))
        .containsExactly(lines);
  }
}
