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
import java.util.Random;
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

/** Inputs of nights: arrays and folders of new images, and the command that appends them. */
abstract class NightsFixture {
  static final int CHANNELS = 12;
  static final int SIDE = 16;
  static final Extent CHUNK = new Extent(1, 8, 16);

  /** Shards of 16 images of 16·16·4 float32 values. */
  private static final String[] LAYOUT = {"--shard-size", "64KiB", "--chunk", "n=2,y=8,x=16"};

  @TempDir Path folder;

  final Random random = Seed.random("append new");
  Path output;

  @BeforeEach
  void makeWeights() throws Exception {
    output = folder.resolve("out.zarr");
    float[] values = new float[CHANNELS * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(values, new float[4], Activation.RELU),
        Map.of());
  }

  Arrays4 images(int count) {
    return Arrays4.random(random, new FeatureShape(count, SIDE, SIDE, CHANNELS));
  }

  String zarr(String name, int count) throws Exception {
    return images(count).zarr(folder + "/" + name, 3, "n,y,x,c", CHUNK, CHUNK);
  }

  /** Writes files of consecutive numbers; returns their folder. */
  Path files(String name, int first, int count) throws Exception {
    Path night = Files.createDirectories(folder.resolve(name));
    Path temporary = folder.resolve("temporary");
    images(count).npyFolder(temporary.toString(), "y,x,c");
    for (int i = 0; i < count; i++) {
      Files.move(
          temporary.resolve("image%02d.npy".formatted(i)),
          night.resolve("image%05d.npy".formatted(first + i)));
    }
    Folders.delete(temporary);
    return night;
  }

  String[] command(String input, Path to, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, to.toString(), "--weights", folder + "/w.safetensors"));
    if (Files.isDirectory(Path.of(input)) && !input.endsWith("data")) {
      args.addAll(List.of("--axes", "n,y,x,c"));
    }
    args.addAll(List.of("--runner", "local", "--quiet", "--json", "--no-sync"));
    args.addAll(Arrays.asList(LAYOUT));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  Cli append(String input, String... more) {
    String[] all = Arrays.copyOf(more, more.length + 1);
    all[more.length] = "--append-new";
    return Cli.run(command(input, output, all));
  }

  static void refused(Cli cli, String... parts) {
    assertThat(cli.code()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.errorLine()).contains(parts);
  }

  static JsonNode json(Cli done) {
    assertThat(done.code()).as(done.out() + done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  List<String> names() throws Exception {
    List<String> names = new ArrayList<>();
    JsonText.parse(Files.readAllBytes(output.resolve("zarr.json")), "group")
        .at("/attributes/image_names")
        .forEach(name -> names.add(name.asText()));
    return names;
  }
}
