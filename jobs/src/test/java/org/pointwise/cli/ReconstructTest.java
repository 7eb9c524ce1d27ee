package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
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

/** Tests {@code reconstruct} on the command line. */
class ReconstructTest {
  private static final int CASES = 24;
  private static final FeatureShape SHAPE = new FeatureShape(4, 6, 5, 6);
  private static final Extent IMAGE = new Extent(1, 6, 5);

  @TempDir Path folder;

  private final Random random = Seed.random("reconstruct");

  private static Cli run(List<String> command, String... more) {
    return runWithOutput(command, args("--quiet", more));
  }

  private static String[] args(String first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  private static Cli runWithOutput(List<String> command, String... more) {
    List<String> args = new ArrayList<>(command);
    Collections.addAll(args, more);
    args.addAll(List.of("--runner", "local"));
    return Cli.run(args.toArray(String[]::new));
  }

  private static Cli run(String... command) {
    return run(List.of(command));
  }

  private static Cli succeeds(Cli done) {
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  private static void refuses(Cli done, String... parts) {
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(done.errorLine()).startsWith("Cannot ").contains(parts);
  }

  private <T> T anyOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  @Test
  void reconstructionMatchesFloat64() throws Exception {
    double worst = 0;
    try (PythonPeer python = PythonPeer.start(folder, "reconstruct.py")) {
      for (int number = 0; number < CASES; number++) {
        worst = Math.max(worst, new Trial(number, python).run());
      }
    }
    System.out.printf("%d reconstructions, the worst error is %.3f of its bound%n", CASES, worst);
  }

  /** Draws features, learns one or two layers, reduces by them and reconstructs. */
  private final class Trial {
    private final int number;
    private final PythonPeer python;
    private final Path place;
    private final String container;
    private final String axes;
    private final boolean cubes;
    private final boolean nodata = random.nextInt(3) > 0;
    private final List<String> heads = anyOf(List.of(List.of("features"), List.of("a", "b-2")));
    private final String method;

    Trial(int number, PythonPeer python) throws Exception {
      this.number = number;
      this.python = python;
      this.place = Files.createDirectory(folder.resolve("case" + number));
      this.method = List.of("pca", "bottleneck", "select").get(number % 3);
      this.cubes = number % 6 == 5;
      this.container = anyOf(cubes ? List.of("zarr3") : List.of("zarr3", "zarr2", "npy", "folder"));
      List<String> orders = List.of("n,y,x,c", "n,c,y,x", "n,x,c", "c,n,y,x", "y,n,x,c");
      this.axes =
          anyOf(
              cubes
                  ? orders.subList(0, 2)
                  : container.equals("folder") ? orders.subList(0, 3) : orders);
    }

    double run() throws Exception {
      JsonNode drawn =
          python.call(
              JsonText.object()
                  .put("do", "draw")
                  .put("seed", random.nextInt(1 << 30))
                  .put("folder", place.toString())
                  .put("container", container)
                  .put("axes", axes)
                  .put("type", anyOf(List.of("float32", "float16", "float64")))
                  .put("nodata", nodata));
      List<String> input = new ArrayList<>(List.of(drawn.path("input").asText()));
      drawn.path("arguments").forEach(argument -> input.add(argument.asText()));
      Map<String, String> layers = new TreeMap<>();
      for (String head : heads) {
        layers.put(head, fit(input, head));
      }
      String format = cubes ? "envi" : anyOf(List.of("zarr3", "zarr2", "npy"));
      List<String> reduce = new ArrayList<>(List.of("reduce", input.get(0), place + "/reduced"));
      reduce.addAll(input.subList(1, input.size()));
      reduce.addAll(List.of("--format", format, "--dtype", cubes ? "float32" : type()));
      for (String head : heads) {
        reduce.addAll(List.of("--head", head + "=" + layers.get(head)));
      }
      boolean npy = layers.values().stream().anyMatch(file -> file.endsWith(".npy"));
      if (npy && method.equals("bottleneck")) {
        reduce.addAll(List.of("--activation", "relu")); // which npy does not record
      }
      succeeds(ReconstructTest.run(reduce));
      double worst = 0;
      for (String head : heads) {
        boolean below = heads.size() > 1 || (format.startsWith("zarr") && random.nextBoolean());
        worst = Math.max(worst, reconstruct(head, layers.get(head), format, below));
      }
      return worst;
    }

    private String type() {
      return anyOf(List.of("float32", "float32", "float16"));
    }

    /** One npy activation applies to all heads, so that both have the same method. */
    private String fit(List<String> input, String head) {
      String file = "%s/%s.%s".formatted(place, head, anyOf(List.of("safetensors", "onnx", "npy")));
      List<String> command = new ArrayList<>(List.of("fit", input.get(0), file));
      command.addAll(input.subList(1, input.size()));
      command.addAll(List.of("--method", method, "--channels", "" + (2 + random.nextInt(3))));
      succeeds(ReconstructTest.run(command));
      return file;
    }

    private double reconstruct(String head, String layer, String format, boolean below)
        throws Exception {
      String array =
          place + "/reduced" + (heads.size() > 1 || format.startsWith("zarr") ? "/" + head : "");
      if (!cubes) {
        String reduced = format.equals("npy") ? one(array) : below ? array : place + "/reduced";
        String order =
            format.equals("npy") && !reduced.endsWith(".npy")
                ? "n," + axes.replace("n,", "")
                : axes;
        return reconstruct(
            head, reduced, format.equals("npy") ? reduced : array, order, layer, null);
      }
      double worst = 0;
      for (int image = 0; Files.exists(Path.of(array, "%06d.hdr".formatted(image))); image++) {
        String cube = "%s/%06d.hdr".formatted(array, image);
        String one = axes.replace("n,", "");
        worst = Math.max(worst, reconstruct(head + image, cube, cube, one, layer, image));
      }
      return worst;
    }

    private double reconstruct(
        String name, String reduced, String array, String order, String layer, Integer image)
        throws Exception {
      String output = "%s/back-%s".formatted(place, name);
      String to = anyOf(List.of("zarr3", "zarr2", "npy"));
      List<String> command =
          List.of("reconstruct", reduced, output, "--decoder", layer, "--format", to);
      Cli done = succeeds(runWithOutput(command, "--dtype", type(), "--json", "--shard-size", "0"));
      JsonNode report = JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "report");
      String decoder =
          layer.endsWith("safetensors")
              ? layer + "#decoder.weight"
              : layer.replaceFirst("(\\.\\w+)$", ".decoder$1");
      assertThat(report.path("decoder").asText()).startsWith(decoder);
      assertThat(report.at("/heads/0/decoderOf").asText()).hasSize(64);
      assertThat(done.err()).doesNotContain("is not checked");
      succeeds(Cli.run("verify", output, "--deep", "--quiet"));
      ObjectNode check =
          JsonText.object()
              .put("do", "check")
              .put("reduced", array)
              .put("reducedAxes", order)
              .put("output", to.equals("npy") ? one(output) : output + "/features")
              .put("outputAxes", order)
              .put("decoder", layer);
      if (image != null) {
        check.put("image", image);
      }
      JsonNode found = python.call(check);
      String description =
          "case %d, %s %s %s, seed %d: %s"
              .formatted(number, method, container, check, Seed.value(), found);
      assertThat(found.path("wrong")).as(description).isEmpty();
      if (method.equals("pca") && image == null) {
        assertThat(found.path("lost").asDouble())
            .as(description)
            .isLessThan(found.path("lostByNumPy").asDouble() + 2e-3);
      }
      return found.path("error").asDouble();
    }

    /** Returns the file of a folder that has one of the input's name. */
    private String one(String path) {
      Path file = Path.of(path, "in.npy");
      return Files.exists(file) ? file.toString() : path;
    }
  }

  private String input() throws Exception {
    return Arrays4.random(random, SHAPE).zarr(folder + "/in.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
  }

  /** Learns a layer from the input; returns its file. */
  private String fit(String input, String name, String... more) {
    String file = folder + "/" + name;
    succeeds(run(List.of("fit", input, file, "--channels", "2", "--overwrite"), more));
    return file;
  }

  private String reduce(String input, String name, String... more) {
    succeeds(run(List.of("reduce", input, folder + "/" + name), more));
    return folder + "/" + name;
  }

  @Test
  void continuesAndRepairsWithSameBytes() throws Exception {
    String input = input();
    String layer = fit(input, "w.safetensors");
    String reduced = reduce(input, "r.zarr", "--weights", layer);
    List<String> command =
        List.of(
            "reconstruct", reduced, folder + "/b.zarr", "--decoder", layer, "--shard-size", "0");
    assertThat(succeeds(run(command, "--dry-run")).out())
        .contains(layer + "#decoder.weight", "2 → 6");
    assertThat(folder.resolve("b.zarr")).doesNotExist();
    succeeds(run(command));
    Map<String, String> whole = Folders.hashes(folder.resolve("b.zarr"), "");
    try (Stream<Path> files = Files.walk(folder.resolve("b.zarr"))) {
      Files.delete(
          files
              .filter(file -> file.toString().contains("/c/"))
              .filter(Files::isRegularFile)
              .findFirst()
              .orElseThrow());
    }
    JsonNode report =
        JsonText.parse(
            succeeds(run(command, "--json")).out().getBytes(StandardCharsets.UTF_8), "report");
    assertThat(report.path("shardsWritten").asInt()).isEqualTo(1);
    assertThat(report.path("status").asText()).isEqualTo("complete");
    assertThat(Folders.hashes(folder.resolve("b.zarr"), "")).isEqualTo(whole);
    List<String> onSpark = new ArrayList<>(command);
    onSpark.set(2, folder + "/s.zarr");
    onSpark.addAll(List.of("--runner", "spark", "--master", "local[2]", "--quiet"));
    succeeds(Cli.run(onSpark.toArray(String[]::new)));
    assertThat(objects(folder.resolve("s.zarr"))).isEqualTo(objects(folder.resolve("b.zarr")));
    // The decoder as a plain layer stores the same numbers.
    String plain =
        reduce(
            reduced + "/features",
            "p.zarr",
            "--weights",
            layer + "#decoder.weight",
            "--shard-size",
            "0");
    assertThat(objects(Path.of(plain))).isEqualTo(objects(folder.resolve("b.zarr")));
    refuses(run(command, "--dtype", "float16"), "use --overwrite");
    succeeds(run(command, "--dtype", "float16", "--overwrite"));
    succeeds(Cli.run("verify", folder + "/b.zarr", "--deep", "--quiet"));
    refuses(
        run("reconstruct", reduced, reduced, "--decoder", layer),
        "Cannot write to",
        "is the input");
  }

  private static Map<String, String> objects(Path output) throws Exception {
    Map<String, String> hashes = new TreeMap<>(Folders.hashes(output, ""));
    hashes.keySet().removeIf(name -> !name.contains("/c/") || name.contains(".pointwise/"));
    return hashes;
  }

  @Test
  void appendsWhatReducedArrayGained() throws Exception {
    Arrays4 all = Arrays4.random(random, SHAPE);
    FeatureShape two = new FeatureShape(2, 6, 5, 6);
    float[] first = java.util.Arrays.copyOf(all.values(), (int) (two.pixels() * 6));
    String input = folder + "/in.zarr";
    String array = new Arrays4(two, first).zarr(input, 3, "n,y,x,c", IMAGE, IMAGE);
    String layer = fit(array, "w.safetensors");
    List<String> reduce =
        List.of("reduce", array, folder + "/r.zarr", "--weights", layer, "--shard-size", "0");
    List<String> back =
        List.of(
            "reconstruct",
            folder + "/r.zarr",
            folder + "/b.zarr",
            "--decoder",
            layer,
            "--shard-size",
            "0");
    succeeds(run(reduce, "--append"));
    succeeds(run(back, "--append"));
    all.zarr(input, 3, "n,y,x,c", IMAGE, IMAGE);
    succeeds(run(reduce, "--append", "--ignore-modification-times"));
    succeeds(run(back, "--append"));
    Cli verified = Cli.run("verify", folder + "/b.zarr", "--deep", "--quiet");
    assertThat(succeeds(verified).out()).contains(SHAPE.pixels() + " pixels");
  }

  @Test
  void decoderOfAnotherLayerIsRefused() throws Exception {
    String input = input();
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      String pca = fit(input, "pca." + ending);
      String other = fit(input, "random." + ending, "--method", "random");
      String reduced = reduce(input, ending + ".zarr", "--weights", pca);
      String output = folder + "/" + ending + "-back.zarr";
      refuses(
          run("reconstruct", reduced, output, "--decoder", other),
          "it was made by the layer " + pca,
          "/random.",
          "decodes another",
          "give the file of the layer that made it");
      String more = fit(input, "more." + ending, "--method", "random", "--seed", "3");
      refuses(run("reconstruct", reduced, output, "--decoder", more), "decodes another");
      assertThat(Path.of(output)).doesNotExist();
      succeeds(run("reconstruct", reduced, output, "--decoder", pca));
    }
    String pca = folder + "/pca.safetensors";
    String rectified = reduce(input, "relu.zarr", "--weights", pca, "--activation", "relu");
    refuses(
        run("reconstruct", rectified, folder + "/b.zarr", "--decoder", pca),
        "6 → 2, relu",
        "decodes another");
  }

  @Test
  void arraysThatHaveNoDecoderAreRefused() throws Exception {
    String input = input();
    String layer = fit(input, "w.safetensors");
    String back = folder + "/b.zarr";
    String unit = reduce(input, "unit.zarr", "--weights", layer, "--normalise", "l2");
    refuses(
        run("reconstruct", unit, back, "--decoder", layer),
        "normalised by l2 and their lengths are lost; reduce without --normalise");
    Cli some =
        run(
            "reconstruct",
            unit,
            folder + "/some.zarr",
            "--decoder",
            layer,
            "--input-channels",
            "1,0");
    assertThat(some.code()).isEqualTo(2);
    assertThat(some.err()).contains("leave out --input-channels");
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      String alone = folder + "/alone." + ending;
      succeeds(Cli.run("weights", "convert", layer, alone));
      String reduced = reduce(input, ending + ".zarr", "--weights", alone);
      refuses(
          run("reconstruct", reduced, back, "--decoder", alone),
          alone,
          "it has no decoder; fit writes one");
      Cli done = runWithOutput(List.of("reconstruct", reduced, back + ending, "--decoder", layer));
      assertThat(succeeds(done).err()).doesNotContain("is not checked");
    }
    String reduced = reduce(input, "r.zarr", "--weights", layer);
    refuses(
        run("reconstruct", reduced, back, "--decoder", layer + "#nothing"), "Cannot find tensor");
    refuses(run("reconstruct", reduced, back, "--decoder", folder + "/x.npy"), "x.npy");
    refuses(run("reconstruct", input, back, "--decoder", layer), "it has 6 channels", "reads 2");
    String two = reduce(input, "two.zarr", "--head", "a=" + layer, "--head", "b=" + layer);
    refuses(run("reconstruct", two, back, "--decoder", layer), "Cannot choose an array", "a, b");
    assertThat(Cli.run("reconstruct", reduced, back).code()).isEqualTo(2);
    Path metadata = Path.of(reduced, "zarr.json");
    Files.writeString(
        metadata, Files.readString(metadata).replace("\"complete\"", "\"incomplete\""));
    refuses(run("reconstruct", reduced, back, "--decoder", layer), "has not ended");
    assertThat(Path.of(back)).doesNotExist();
  }

  @Test
  void remediesNameReconstruct() throws Exception {
    String input = input();
    String layer = fit(input, "w.safetensors");
    String reduced = reduce(input, "r.zarr", "--weights", layer);
    String back = folder + "/b.zarr";
    succeeds(run("reconstruct", reduced, back, "--decoder", layer));
    refuses(
        run("reconstruct", reduced, folder + "/n.zarr", "--decoder", layer, "--nodata", "0"),
        "its nodata pixels are NaN");
    Files.delete(Path.of(back, "zarr.json"));
    for (String output : List.of(back, reduced)) {
      Files.deleteIfExists(Path.of(output, "zarr.json"));
      Cli found = Cli.run("verify", output, "--quiet");
      assertThat(found.code()).isEqualTo(4);
      assertThat(found.out())
          .contains(output.equals(back) ? "run reconstruct again" : "run reduce again");
    }
  }

  @Test
  void decoderWithoutRecordIsUsedWithNote() throws Exception {
    String input = input();
    String layer = fit(input, "w.safetensors");
    String reduced = reduce(input, "r.zarr", "--weights", layer);
    float[] weights = new float[12];
    weights[0] = 1;
    PointwiseLayer wide = PointwiseLayer.of(weights, new float[6], Activation.NONE);
    PointwiseLayer narrow = PointwiseLayer.of(new float[10], new float[5], Activation.NONE);
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      String own = folder + "/own." + ending;
      WeightsWriter.write(ByteStores.LOCAL, own, wide, Map.of());
      Cli done =
          runWithOutput(List.of("reconstruct", reduced, folder + "/" + ending, "--decoder", own));
      assertThat(succeeds(done).err())
          .contains("is not checked", own + " does not record the layer");
      WeightsWriter.write(ByteStores.LOCAL, own, narrow, Map.of());
      refuses(
          run("reconstruct", reduced, folder + "/b.zarr", "--decoder", own),
          layer,
          "makes 5 channels");
    }
    String copy = folder + "/copy.npy";
    new Arrays4(new FeatureShape(1, 1, 3, 2), new float[] {1, 2, 3, 4, 5, 6})
        .npyFile(folder.toString(), "copy.npy", "x,c");
    Cli done =
        runWithOutput(
            List.of("reconstruct", copy, folder + "/c.zarr", "--decoder", layer, "--axes", "x,c"));
    assertThat(succeeds(done).err())
        .contains("is not checked", copy + " does not record the layer");
  }
}
