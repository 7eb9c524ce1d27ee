package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.store.JsonText;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;

/**
 * Features, labels and a layer for tests of {@code evaluate}. The second channel depends on the
 * class; the third is the sum of the first two.
 */
abstract class EvaluateFixture {
  static final int CHANNELS = 6;
  static final FeatureShape SHAPE = new FeatureShape(6, 12, 10, CHANNELS);
  static final Extent IMAGE = new Extent(2, 12, 10);

  @TempDir Path folder;

  final Random random = Seed.random("evaluate");
  final Arrays4 array = Arrays4.random(random, SHAPE);
  String input;
  String labels;
  String weights;

  @BeforeEach
  void write() throws Exception {
    byte[] classes = new byte[(int) SHAPE.pixels()];
    float[] values = array.values();
    for (int p = 0; p < classes.length; p++) {
      classes[p] = (byte) random.nextInt(2);
      values[p * CHANNELS] *= 3; // the largest variance, but no use for classification
      values[p * CHANNELS + 1] += 4 * classes[p];
      values[p * CHANNELS + 2] = values[p * CHANNELS] + values[p * CHANNELS + 1];
    }
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {6, 12, 10});
    byte[] file = Arrays.copyOf(header, header.length + classes.length);
    System.arraycopy(classes, 0, file, header.length, classes.length);
    Files.write(folder.resolve("labels.npy"), file);
    labels = folder + "/labels.npy";
    weights = folder + "/w.safetensors";
    Cli fitted =
        Cli.run(
            "fit",
            input,
            weights,
            "--channels",
            "2",
            "--test-size",
            "0.4",
            "--hold-out-block",
            "5",
            "--seed",
            "3",
            "--runner",
            "local",
            "--quiet");
    assertThat(fitted.code()).as(fitted.err()).isZero();
  }

  final Cli evaluate(String... more) {
    List<String> args =
        new ArrayList<>(List.of("evaluate", input, "--weights", weights, "--quiet", "--json"));
    args.add("--overwrite"); // replaces the report of an earlier call in the same test
    args.addAll(List.of(more));
    if (!args.contains("--runner")) {
      args.addAll(List.of("--runner", "local"));
    }
    return Cli.run(args.toArray(String[]::new));
  }

  static ObjectNode json(Cli done) {
    assertThat(done.code()).as(done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), "stdout");
  }

  /** Fits a layer on the features; returns its file. */
  final String fitted(String name, String... more) {
    String file = "%s/%s".formatted(folder, name);
    List<String> args = new ArrayList<>(List.of("fit", input, file, "--runner", "local"));
    args.addAll(List.of("--quiet", "--json", "--seed", "3"));
    args.addAll(List.of(more));
    json(Cli.run(args.toArray(String[]::new)));
    return file;
  }

  /** Reduces the features by {@link #weights}; returns the output. */
  final String reduced(String name, String... more) {
    String output = folder + "/" + name;
    String[] args = {"reduce", input, output, "--weights", weights, "--runner", "local"};
    json(Cli.run(concat(args, concat(new String[] {"--quiet", "--json"}, more))));
    return output;
  }

  static String[] concat(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }
}
