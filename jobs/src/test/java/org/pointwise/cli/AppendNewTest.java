package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

/** Tests appends of images of further inputs, which are deleted afterwards. */
class AppendNewTest {
  private static final int CHANNELS = 12;
  private static final int SIDE = 16;
  private static final Extent CHUNK = new Extent(1, 8, 16);

  /** Shards of 16 images of 16·16·4 float32 values. */
  private static final String[] LAYOUT = {"--shard-size", "64KiB", "--chunk", "n=2,y=8,x=16"};

  @TempDir Path folder;

  private final Random random = Seed.random("append new");
  private Path output;

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

  private Arrays4 images(int count) {
    return Arrays4.random(random, new FeatureShape(count, SIDE, SIDE, CHANNELS));
  }

  private String zarr(String name, int count) throws Exception {
    return images(count).zarr(folder + "/" + name, 3, "n,y,x,c", CHUNK, CHUNK);
  }

  /** Writes files of consecutive numbers; returns their folder. */
  private Path files(String name, int first, int count) throws Exception {
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

  private String[] command(String input, Path to, String... more) {
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

  private Cli append(String input, String... more) {
    String[] all = Arrays.copyOf(more, more.length + 1);
    all[more.length] = "--append-new";
    return Cli.run(command(input, output, all));
  }

  private static JsonNode json(Cli done) {
    assertThat(done.code()).as(done.out() + done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
  }

  private void refused(Cli cli, String... parts) {
    assertThat(cli.code()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.errorLine()).contains(parts);
  }

  /**
   * A year of 365 nights of one to five images, each deleted once it is appended, with ten runs
   * killed at random points. The output must have the objects of one run over all images.
   */
  @Test
  void yearOfNightsEqualsOneRun() throws Exception {
    Path kept = Files.createDirectories(folder.resolve("all"));
    int images = 0;
    int kills = 0;
    for (int night = 0; night < 365; night++) {
      int count = 1 + random.nextInt(5);
      Path input = files("night-" + night, images, count);
      if (night > 0 && kills < 10 && random.nextInt(10) == 0) {
        kills += kill(command(input.toString(), output, "--append-new")) ? 1 : 0;
      }
      JsonNode report = json(append(input.toString()));
      assertThat(report.path("firstImage").asInt()).isEqualTo(images);
      images += count;
      assertThat(report.path("images").asInt()).isEqualTo(images);
      for (String name : ByteStores.LOCAL.open(input.toString()).list("")) {
        Files.move(input.resolve(name), kept.resolve(name));
      }
      Folders.delete(input);
    }
    assertThat(kills).isPositive();
    Path one = folder.resolve("one.zarr");
    json(Cli.run(command(kept.toString(), one)));
    assertThat(Folders.hashes(output, "features/c")).isEqualTo(Folders.hashes(one, "features/c"));
    long begun = System.nanoTime();
    Cli verified = Cli.run("verify", output.toString(), "--deep", "--quiet");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
    assertThat(verified.out()).contains("%d of %d images".formatted(images, images));
    System.out.printf(
        "%d images of 365 nights, %d runs killed, verified in %.1f s%n",
        images, kills, (System.nanoTime() - begun) / 1e9);
    assertThat(names()).hasSize(images).isSorted();
  }

  private List<String> names() throws Exception {
    List<String> names = new ArrayList<>();
    JsonText.parse(Files.readAllBytes(output.resolve("zarr.json")), "group")
        .at("/attributes/image_names")
        .forEach(name -> names.add(name.asText()));
    return names;
  }

  /**
   * Runs a command in a process of its own and kills it as soon as one of the traces of its work
   * appears.
   *
   * @return whether it was killed before it ended
   */
  private boolean kill(String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                Main.class.getName()));
    command.addAll(Arrays.asList(args));
    Path traces = Path.of(output + ".pointwise");
    String trace = List.of("past", "appended", "_SUCCESS").get(random.nextInt(3));
    Process process = Processes.builder(folder, command).start();
    Await.until(
        "a trace of the append",
        () ->
            !process.isAlive() || Files.exists(traces.resolve(trace)) != trace.equals("_SUCCESS"));
    boolean killed = process.isAlive();
    process.destroyForcibly().waitFor();
    return killed && process.exitValue() != 0;
  }

  /** Returns the class path of this JVM, for a process in another folder. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void imagesThatAreThereAreLeftOut() throws Exception {
    Path first = files("first", 0, 3);
    json(append(first.toString()));
    Path second = files("second", 3, 2);
    Files.copy(first.resolve("image00001.npy"), second.resolve("image00001.npy"));
    JsonNode report = json(append(second.toString()));
    assertThat(report.path("images").asInt()).isEqualTo(5);
    assertThat(Path.of(output + ".pointwise/new-images.txt"))
        .hasContent("image00003.npy\nimage00004.npy");
    assertThat(json(append(second.toString())).path("images").asInt()).isEqualTo(5);
    Folders.delete(first);
    assertThat(json(append(second.toString())).path("shardsWritten").asInt()).isZero();
    assertThat(names())
        .containsExactly(
            "image00000.npy",
            "image00001.npy",
            "image00002.npy",
            "image00003.npy",
            "image00004.npy");
  }

  @Test
  void imagesWithOtherPixelsOrNamesAreRefused() throws Exception {
    Path first = files("first", 0, 3);
    json(append(first.toString()));
    refused(append(files("changed", 2, 2).toString()), "other pixels", "image00002.npy");
    Path renamed = files("renamed", 7, 1);
    Files.copy(first.resolve("image00001.npy"), renamed.resolve("image00008.npy"));
    refused(
        append(renamed.toString()),
        "same pixels",
        "image00008.npy as image00001.npy",
        "--allow-duplicates");
    assertThat(json(append(renamed.toString(), "--allow-duplicates")).path("images").asInt())
        .isEqualTo(5);
  }

  @Test
  void arraysAreRecognisedByTheirPixels() throws Exception {
    String first = zarr("first.zarr", 3);
    json(append(first));
    Folders.copy(Path.of(first), folder.resolve("copy.zarr/data"));
    JsonNode report = json(append(folder + "/copy.zarr/data"));
    assertThat(report.path("images").asInt()).isEqualTo(3);
    assertThat(report.path("shardsWritten").asInt()).isZero();
    refused(append(files("named", 0, 2).toString()), "array without names");
  }

  @Test
  void growingInputAndNewImagesAreNotMixed() throws Exception {
    json(append(zarr("first.zarr", 3)));
    String second = zarr("second.zarr", 2);
    json(append(second));
    refused(Cli.run(command(second, output, "--append")), "2 inputs", "--append-new");
    Cli both = Cli.run(command(second, output, "--append", "--append-new"));
    assertThat(both.code()).isEqualTo(2);
    Cli without = Cli.run(command(second, output, "--drop-unfinished"));
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("needs --append-new");
  }

  @Test
  void damagedPastIsNamedAndNotReplaced() throws Exception {
    json(append(zarr("first.zarr", 21)));
    Folders.delete(folder.resolve("first.zarr"));
    Path whole = output.resolve("features/c/0/0/0/0");
    Files.delete(whole);
    String second = zarr("second.zarr", 2);
    Cli missing = append(second);
    assertThat(missing.code()).isEqualTo(4);
    assertThat(missing.errorLine()).contains("features/c/0/0/0/0 is missing", "from a copy");
  }

  @Test
  void damagedLastShardIsNamedAndNotReplaced() throws Exception {
    json(append(zarr("first.zarr", 21)));
    String second = zarr("second.zarr", 2);
    Path last = output.resolve("features/c/1/0/0/0");
    byte[] lastBytes = Files.readAllBytes(last);
    byte[] damaged = lastBytes.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(last, damaged);
    assertThat(append(second).errorLine()).contains("features/c/1/0/0/0", "hash of its receipt");
    assertThat(last).hasBinaryContent(damaged);
    Files.write(last, lastBytes);
    assertThat(json(append(second)).path("images").asInt()).isEqualTo(23);
  }

  @Test
  void otherKindsOfInputAreRefused() throws Exception {
    json(append(zarr("first.zarr", 3)));
    FeatureShape other = new FeatureShape(2, SIDE, SIDE + 1, CHANNELS);
    String wider =
        Arrays4.random(random, other).zarr(folder + "/wider.zarr", 3, "n,y,x,c", CHUNK, CHUNK);
    refused(append(wider), "made in another way", "x 16", "x 17");
    String[] files = {
      "reduce",
      wider,
      folder + "/files",
      "--weights",
      folder + "/w.safetensors",
      "--format",
      "npy",
      "--runner",
      "local",
      "--quiet"
    };
    assertThat(Cli.run(files).code()).isZero();
    String[] more = Arrays.copyOf(files, files.length + 1);
    more[files.length] = "--append-new";
    refused(Cli.run(more), "folder of files");
  }

  @Test
  void dryRunDescribesTheAppend() throws Exception {
    json(append(zarr("first.zarr", 3)));
    String second = zarr("second.zarr", 2);
    Map<String, String> before = Folders.hashes(folder, "out.zarr");
    Cli plan = Cli.run(command(second, output, "--append-new", "--dry-run"));
    assertThat(plan.code()).as(plan.err()).isZero();
    assertThat(plan.out()).contains("grows by 2 images, from 3 to 5");
    assertThat(Folders.hashes(folder, "out.zarr")).isEqualTo(before);
  }
}
