package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/**
 * An input in a folder that all processes share, commands on it, and the results of undisturbed
 * runs.
 *
 * @param quick hashes of the shards of {@link #reduce}
 * @param slow hashes of the shards of {@link #slow}
 */
record ClusterData(
    Path folder, Arrays4 array, String input, Map<String, String> quick, Map<String, String> slow) {
  private static final Extent CHUNK = new Extent(1, 16, 16);
  private static final Extent SHARD = new Extent(1, 32, 32);

  static ClusterData make(Path folder) throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("cluster"), new FeatureShape(8, 64, 64, 24));
    String input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", CHUNK, SHARD);
    float[] weights = new float[24 * 20];
    java.util.Random random = Seed.random("cluster weights");
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        folder + "/w.safetensors",
        PointwiseLayer.of(weights, new float[20], Activation.RELU),
        Map.of());
    ClusterData data = new ClusterData(folder, array, input, Map.of(), Map.of());
    return new ClusterData(
        folder,
        array,
        input,
        undisturbed(data.reduce(folder + "/quick.zarr"), folder + "/quick.zarr"),
        undisturbed(data.slow(folder + "/slow.zarr"), folder + "/slow.zarr"));
  }

  private static Map<String, String> undisturbed(List<String> command, String output)
      throws Exception {
    List<String> local = new ArrayList<>(command);
    local.addAll(List.of("--runner", "local", "--quiet"));
    Cli done = Cli.run(local.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return shards(output);
  }

  static Map<String, String> shards(String output) throws Exception {
    return Folders.hashes(Path.of(output), "features/c/");
  }

  /** Stores the first images of the input as another input. */
  String grown(Path group, long images) throws Exception {
    FeatureShape all = array.shape();
    FeatureShape shape = new FeatureShape(images, all.y(), all.x(), all.c());
    int length = Math.toIntExact(shape.pixels() * shape.c());
    float[] values = java.util.Arrays.copyOf(array.values(), length);
    return new Arrays4(shape, values).zarr(group.toString(), 3, "n,y,x,c", CHUNK, SHARD);
  }

  /** A command with some 30 shards that runs for a moment. */
  List<String> reduce(String output) {
    return reduce(input, output);
  }

  List<String> reduce(String from, String output) {
    return List.of(
        "reduce", from, output, "--weights", folder + "/w.safetensors", "--shard-size", "0.08MiB");
  }

  /** A command with some 100 shards. */
  List<String> slow(String output) {
    return slow(input, output);
  }

  List<String> slow(String from, String output) {
    List<String> command = new ArrayList<>(reduce(from, output));
    command.set(command.size() - 1, "0.02MiB");
    command.addAll(List.of("--compressor", "gzip", "--compression-level", "9"));
    return command;
  }

  /** The array with metadata of a shape so large that no executor can hold one of its shards. */
  String vast() throws Exception {
    Path vast = Files.createDirectories(folder.resolve("vast.zarr"));
    ObjectNode metadata =
        JsonText.parse(Files.readAllBytes(Path.of(input, "zarr.json")), "zarr.json");
    ArrayNode shape = metadata.putArray("shape");
    List.of(8, 65536, 65536, array.shape().c()).forEach(shape::add);
    Files.write(vast.resolve("zarr.json"), JsonText.bytes(metadata));
    return vast.toString();
  }

  int slowShards() {
    return slow.size();
  }

  void requireSame(String output) throws Exception {
    assertThat(shards(output)).isEqualTo(quick);
  }

  void requireSameSlow(String output) throws Exception {
    assertThat(shards(output)).isEqualTo(slow);
  }

  /** For other versions of zstd: requires bit-identical values. */
  void requireSameNumbers(String output) throws Exception {
    assertThat(Reductions.read(Reductions.open(output + "/features")))
        .isEqualTo(Reductions.read(Reductions.open(folder + "/quick.zarr/features")));
  }

  /** The same values; the last image cannot be read before {@link Held#release}. */
  Held blockInput(String name) throws Exception {
    String blockedInput = array.zarr(folder + "/" + name, 3, "n,y,x,c", CHUNK, CHUNK);
    Path originals = Files.createDirectories(folder.resolve(name + ".aside"));
    List<Path> chunks;
    try (Stream<Path> files =
        Files.walk(Path.of(blockedInput, "c", "" + (array.shape().n() - 1)))) {
      chunks = files.filter(Files::isRegularFile).toList();
    }
    List<String> mkfifo = new ArrayList<>(List.of("mkfifo"));
    for (int i = 0; i < chunks.size(); i++) {
      Files.move(chunks.get(i), originals.resolve("chunk" + i));
      mkfifo.add(chunks.get(i).toString());
    }
    assertThat(Processes.run(folder, mkfifo.toArray(String[]::new)).code()).isZero();
    for (int i = 0; i < chunks.size(); i++) {
      Files.createLink(originals.resolve("pipe" + i), chunks.get(i));
    }
    return new Held(blockedInput, originals, chunks);
  }

  /**
   * An input on which every run blocks before its end. The chunks of the last image are pipes, so
   * that opening one waits for a writer.
   */
  record Held(String input, Path originals, List<Path> chunks) {
    /** Stores the chunks. A blocked reader fails, and reads the chunk when it retries. */
    void release() throws Exception {
      for (int i = 0; i < chunks.size(); i++) {
        Files.move(
            originals.resolve("chunk" + i), chunks.get(i), StandardCopyOption.REPLACE_EXISTING);
      }
      for (int i = 0; i < chunks.size(); i++) {
        try (FileChannel pipe =
            FileChannel.open(
                originals.resolve("pipe" + i), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          assertThat(pipe.isOpen()).isTrue(); // wakes the blocked readers, without blocking
        }
      }
    }
  }

  /** Waits until a running command has stored some shards. */
  void awaitShards(String output, int min, Process running) throws Exception {
    Path shards = Path.of(output, "features", "c");
    Await.until(
        min + " shards of " + output,
        () -> {
          if (!running.isAlive()) {
            throw new AssertionError("It ended with " + running.exitValue() + " before");
          }
          return Files.exists(shards) && count(shards) >= min;
        });
  }

  /** Waits until receipts of some shards are stored, which a continuing run needs. */
  void awaitReceipts(String output, int min, Process running) throws Exception {
    Await.until(
        min + " receipts of " + output,
        () -> {
          if (!running.isAlive()) {
            throw new AssertionError("It ended with " + running.exitValue() + " before");
          }
          return recorded(output).size() >= min;
        });
  }

  /** Returns the keys of the objects that receipts describe. */
  static Set<String> recorded(String output) throws Exception {
    Path receipts = Path.of(output + ".pointwise/receipts");
    Set<String> keys = new HashSet<>();
    if (!Files.isDirectory(receipts)) {
      return keys;
    }
    for (String name : Folders.hashes(receipts, "").keySet()) {
      for (String line : Files.readAllLines(receipts.resolve(name))) {
        JsonText.parse(line.getBytes(StandardCharsets.UTF_8), name)
            .path("objects")
            .forEach(object -> keys.add(object.path("key").asText()));
      }
    }
    return keys;
  }

  private static long count(Path shards) throws Exception {
    try (Stream<Path> files = Files.walk(shards)) {
      return files
          .filter(file -> file.getFileName().toString().equals("0"))
          .filter(Files::isRegularFile)
          .count();
    } catch (java.io.UncheckedIOException e) {
      return 0; // a temporary file vanished
    }
  }
}
