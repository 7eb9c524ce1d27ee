package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.MomentsFile;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsWriter;

/** Tests {@code moments} and {@code fit} on the command line. */
class FitTest {
  private static final FeatureShape SHAPE = new FeatureShape(4, 12, 10, 6);
  private static final Extent IMAGE = new Extent(1, 12, 10);

  @TempDir Path folder;

  private final Random random = Seed.random("fit");
  private final Arrays4 array = Arrays4.random(random, SHAPE);
  private String input;
  private String labels;

  @BeforeEach
  void write() throws Exception {
    int[] classes = new int[(int) SHAPE.pixels()];
    for (int p = 0; p < classes.length; p++) {
      classes[p] = random.nextInt(3);
      array.values()[p * 6 + classes[p]] += 2;
    }
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    labels = labels("labels.npy", new long[] {4, 12, 10}, classes);
  }

  private String labels(String name, long[] shape, int[] classes) throws Exception {
    byte[] header = NpyHeader.encode(ElementType.UINT8, shape);
    byte[] file = Arrays.copyOf(header, header.length + classes.length);
    for (int p = 0; p < classes.length; p++) {
      file[header.length + p] = (byte) classes[p];
    }
    Path path = folder.resolve(name);
    Files.write(path, file);
    return path.toString();
  }

  private Cli fit(String weights, String... more) {
    List<String> args =
        new ArrayList<>(List.of("fit", input, folder + "/" + weights, "--runner", "local"));
    args.addAll(List.of("--quiet", "--json"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private byte[] bytes(String name) throws Exception {
    return Files.readAllBytes(folder.resolve(name));
  }

  private void refuses(Cli done, String... parts) {
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    assertThat(done.errorLine()).contains(parts);
    assertThat(folder.resolve("w.safetensors")).doesNotExist();
  }

  @Test
  void learnsTheSameBytesFromEveryFormat() throws Exception {
    byte[] expected = null;
    String npy = array.npyFolder(folder + "/npy", "y,x,c");
    for (String[] inputAndAxes :
        List.of(
            new String[] {input},
            new String[] {array.zarr(folder + "/v2.zarr", 2, "n,c,y,x", IMAGE, IMAGE)},
            new String[] {array.zarr(folder + "/v3.zarr", 3, "c,n,y,x", IMAGE, IMAGE)},
            new String[] {npy, "--axes", "y,x,c"})) {
      input = inputAndAxes[0];
      String[] axes = Arrays.copyOfRange(inputAndAxes, 1, inputAndAxes.length);
      Cli done = fit("w.safetensors", args(axes, "--channels", "3", "--overwrite"));
      assertThat(done.code()).as(done.err()).isZero();
      expected = expected == null ? bytes("w.safetensors") : expected;
      assertThat(bytes("w.safetensors")).as(inputAndAxes[0]).isEqualTo(expected);
    }
  }

  private static String[] args(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void trainsTheSameBytesOnThreadsAndOnSpark() throws Exception {
    for (String[] method :
        List.of(
            new String[] {"--method", "score", "--labels", labels},
            new String[] {"--method", "bottleneck", "--channels", "2", "--labels", labels},
            new String[] {"--method", "bottleneck", "--channels", "3"},
            new String[] {"--method", "lda", "--labels", labels})) {
      byte[] expected = null;
      for (String[] runner :
          List.of(
              new String[] {"--threads", "1"},
              new String[] {"--threads", "3"},
              new String[] {"--runner", "spark", "--master", "local[2]"})) {
        List<String> command =
            new ArrayList<>(List.of("fit", input, folder + "/w.safetensors", "--quiet"));
        command.addAll(List.of("--overwrite", "--test-size", "0.3", "--hold-out-block", "4"));
        command.addAll(List.of(method));
        command.addAll(runner.length == 2 ? List.of("--runner", "local") : List.of());
        command.addAll(List.of(runner));
        Cli done = Cli.run(command.toArray(String[]::new));
        assertThat(done.code()).as(done.err()).isZero();
        expected = expected == null ? bytes("w.safetensors") : expected;
        assertThat(bytes("w.safetensors")).as(command.toString()).isEqualTo(expected);
      }
    }
  }

  @Test
  void trainingStoresHeadAndDecoderInEveryFormat() throws Exception {
    for (String ending : List.of("safetensors", "onnx", "npy")) {
      String name = "w." + ending;
      Cli done =
          fit(
              name,
              "--method",
              "bottleneck",
              "--channels",
              "2",
              "--labels",
              labels,
              "--overwrite"); // replaces the moments of the previous format
      assertThat(done.code()).as(done.err()).isZero();
      WeightsRef ref = WeightsRef.parse(folder + "/" + name, null, null, null);
      PointwiseLayer layer = Weights.read(ByteStores.LOCAL, ref, 6).layer();
      assertThat(layer.outChannels()).isEqualTo(2);
      if (!ending.equals("npy")) {
        assertThat(layer.activation()).isEqualTo(Activation.RELU);
        assertThat(Weights.metadata(ByteStores.LOCAL, ref)).containsEntry("method", "bottleneck");
      }
      PointwiseLayer head = Weights.companion(ByteStores.LOCAL, ref, Weights.HEAD);
      PointwiseLayer decoder = Weights.companion(ByteStores.LOCAL, ref, Weights.DECODER);
      assertThat(head.toString()).isEqualTo("2 → 3");
      assertThat(decoder.toString()).isEqualTo("2 → 6");
    }
  }

  @Test
  void mergesMomentsInAnyOrderAndLearnsWithoutPixels() throws Exception {
    String second =
        Arrays4.random(random, SHAPE).zarr(folder + "/2.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    for (String[] day : new String[][] {{input, "a"}, {second, "b"}}) {
      Cli done =
          Cli.run(
              "moments",
              day[0],
              "%s/%s.safetensors".formatted(folder, day[1]),
              "--runner",
              "local",
              "--quiet");
      assertThat(done.code()).as(done.err()).isZero();
    }
    String a = folder + "/a.safetensors";
    String b = folder + "/b.safetensors";
    assertThat(Cli.run("fit", folder + "/1.npy", "--moments", a, b, "--channels", "2").code())
        .isZero();
    assertThat(Cli.run("fit", folder + "/2.npy", "--moments", b, a, "--channels", "2").code())
        .isZero();
    assertThat(bytes("1.npy")).isEqualTo(bytes("2.npy"));
    Cli twice = Cli.run("fit", folder + "/w.safetensors", "--moments", a, a, "--channels", "2");
    refuses(twice, "Cannot merge moments", "name each once");
  }

  /** 0.1 and the nearest float32 number scale float32 equally; 0.1.0 recorded no scale. */
  @Test
  void momentsOfEqualScaleMergeInAnyNotation() throws Exception {
    Arrays4 scale = new Arrays4(new FeatureShape(1, 1, 1, 1), new float[] {0.1f});
    String file = scale.npyFile(folder.toString(), "scale.npy", "c");
    String[] names = {"number", "file", "other"};
    String[] scales = {"0.1", file, "0.2"};
    String[] moments = new String[names.length];
    for (int i = 0; i < names.length; i++) {
      Arrays4 array = Arrays4.random(random, SHAPE);
      String input = array.zarr(folder + "/" + names[i] + ".zarr", 3, "n,y,x,c", IMAGE, IMAGE);
      moments[i] = folder + "/" + names[i] + ".safetensors";
      Cli done =
          Cli.run(
              "moments", input, moments[i], "--scale", scales[i], "--runner", "local", "--quiet");
      assertThat(done.code()).as(done.err()).isZero();
    }
    String layer = folder + "/scaled.safetensors";
    Cli equalScale = Cli.run("fit", layer, "--moments", moments[0], moments[1], "--channels", "2");
    assertThat(equalScale.code()).as(equalScale.err()).isZero();
    Cli otherScale =
        Cli.run(
            "fit", layer, "--moments", moments[0], moments[2], "--channels", "2", "--overwrite");
    refuses(otherScale, "Cannot merge moments", "scale=0.1, offset=0.0, others with scale=0.2");
    MomentsFile.Contents known = MomentsFile.read(ByteStores.LOCAL, moments[2]);
    Map<String, String> earlier = new HashMap<>(known.file().metadata());
    assertThat(earlier.remove("scaling")).isNotNull();
    Files.write(Path.of(moments[2]), MomentsFile.encode(known.nodes(), earlier));
    Cli unknown =
        Cli.run(
            "fit", layer, "--moments", moments[0], moments[2], "--channels", "2", "--overwrite");
    assertThat(unknown.code()).as(unknown.err()).isZero();
  }

  @Test
  void failedGateEndsWithCode5AndKeepsLayer() {
    Cli below = fit("g.safetensors", "--channels", "1", "--fail-below-variance", "0.999");
    assertThat(below.code()).isEqualTo(5);
    assertThat(below.err()).contains("Below the gate: explainedVariance is 0.");
    assertThat(folder.resolve("g.safetensors")).exists();
    Cli above = fit("h.safetensors", "--channels", "6", "--fail-below-variance", "0.999");
    assertThat(above.code()).as(above.err()).isZero();
    Cli cut =
        fit(
            "i.safetensors",
            "--method",
            "score",
            "--labels",
            labels,
            "--max-iter",
            "1",
            "--fail-below-accuracy",
            "0");
    assertThat(cut.code()).isEqualTo(5);
    assertThat(cut.out()).contains("did not converge in 1 iteration");
    assertThat(folder.resolve("i.safetensors")).exists();
  }

  @Test
  void moreComponentsThanRankAreRefused() throws Exception {
    FeatureShape few = new FeatureShape(1, 2, 2, 6);
    input = Arrays4.random(random, few).zarr(folder + "/few.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    for (String method : List.of("pca", "whiten")) {
      refuses(
          fit("w.safetensors", "--method", method, "--channels", "4"),
          "Cannot make 4 channels: 4 pixels of 6 channels have rank 3",
          "choose --channels 1 … 3, or learn from more pixels");
    }
    for (String method : List.of("pca", "whiten", "select", "random", "bottleneck")) {
      Cli done = fit("few.safetensors", "--method", method, "--channels", "3", "--overwrite");
      assertThat(done.code()).as(method + done.err()).isZero();
      assertThat(done.out()).contains("\"rank\" : \"3\"");
    }
    Cli whole = fit("few.safetensors", "--keep-variance", "1", "--overwrite");
    assertThat(whole.out()).contains("\"outChannels\" : \"3\"");
    refuses(
        fit("w.safetensors", "--channels", "2", "--test-size", "0.6"),
        "--test-size 0.6 holds out 1 of 1 hold-out block and leaves none to learn from");
    FeatureShape one = new FeatureShape(1, 1, 1, 6);
    input = Arrays4.random(random, one).zarr(folder + "/one.zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    refuses(
        fit("w.safetensors", "--channels", "1"),
        "there is one pixel; at least two different pixels are needed");
  }

  @Test
  void standardisedLayersAreTheSameFromInputAndMoments() throws Exception {
    String[] options = {"--method", "whiten", "--channels", "2", "--standardise"};
    Cli first = fit("a.safetensors", options);
    assertThat(first.code()).as(first.err()).isZero();
    input = folder + "/b.safetensors";
    List<String> again =
        new ArrayList<>(List.of("fit", input, "--moments", folder + "/a.moments.safetensors"));
    again.addAll(List.of(options));
    Cli done = Cli.run(again.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out())
        .contains("Rank      6 of 6", "% of the variance of the standardised channels");
    for (String weights : List.of("a", "b")) {
      String file = folder + "/%s.safetensors".formatted(weights);
      WeightsRef ref = WeightsRef.parse(file, null, null, null);
      assertThat(first.out()).contains(Weights.read(ByteStores.LOCAL, ref, 6).layer().sha256());
    }
  }

  @Test
  void standardisingIsRefusedWhereItHasNoMeaning() {
    for (String method : List.of("lda", "score", "bottleneck", "select")) {
      Cli done =
          fit(
              "w.safetensors",
              "--method",
              method,
              "--channels",
              "2",
              "--standardise",
              "--labels",
              labels);
      assertThat(done.code()).isEqualTo(2);
      assertThat(done.err())
          .contains("--standardise goes with --method pca, whiten, random, not with " + method);
    }
  }

  @Test
  void tooManyChannelsAreRefusedBeforePass() {
    refuses(fit("w.safetensors", "--channels", "7"), "Cannot make 7 channels", "1 … 6");
    refuses(
        fit("w.safetensors", "--method", "lda", "--labels", labels, "--channels", "3"),
        "Cannot make 3 channels",
        " classes of ");
    refuses(
        fit("w.safetensors", "--method", "score", "--labels", labels, "--channels", "2"),
        "one for each of 3 classes");
  }

  @Test
  void fullyMaskedInputIsRefused() {
    Arrays.fill(array.values(), Float.NaN);
    input = zarr("nan");
    refuses(fit("w.safetensors", "--channels", "2"), "none of the pixels can be used");
  }

  private String zarr(String name) {
    try {
      return array.zarr(folder + "/" + name + ".zarr", 3, "n,y,x,c", IMAGE, IMAGE);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void constantChannelsAreReportedAndGetNoWeight() throws Exception {
    for (int p = 0; p < SHAPE.pixels(); p++) {
      array.values()[p * 6 + 4] = 0;
      array.values()[p * 6 + 5] = 7;
    }
    input = zarr("constant");
    Cli done = fit("w.safetensors", "--method", "pca", "--keep-variance", "1");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("2 of 6 channels are constant, 1 of them zero");
    Arrays.fill(array.values(), 3);
    input = zarr("same");
    Files.delete(folder.resolve("w.safetensors"));
    refuses(fit("w.safetensors", "--channels", "2", "--overwrite"), "all 480 pixels are the same");
  }

  @Test
  void mismatchedLabelsAreRefused() throws Exception {
    String shorter = labels("short.npy", new long[] {4, 12, 9}, new int[432]);
    refuses(fit("w.safetensors", "--method", "lda", "--labels", shorter), "n=4 y=12 x=9");
    for (String method : List.of("lda", "score")) {
      Cli none = fit("w.safetensors", "--method", method);
      assertThat(none.code()).isEqualTo(2);
      assertThat(none.err()).contains("--method " + method + " learns from classes: give --labels");
    }
    refuses(
        fit("w.safetensors", "--method", "lda", "--labels", labels, "--classes", "2"),
        "is labelled 2 but labels are whole numbers, 0 … 1");
    int[] gap = new int[480];
    Arrays.fill(gap, 0, 200, 2);
    String holed = labels("gap.npy", new long[] {4, 12, 10}, gap);
    for (String method : List.of("lda", "score")) {
      refuses(
          fit("w.safetensors", "--method", method, "--labels", holed),
          "class 1 of 0 … 2 has no pixels");
    }
    String one = labels("one.npy", new long[] {4, 12, 10}, new int[480]);
    refuses(
        fit("w.safetensors", "--method", "bottleneck", "--channels", "2", "--labels", one),
        "at least two classes");
  }

  @Test
  void singularScatterIsReportedOrRefused() throws Exception {
    float[] values = array.values();
    for (int p = 0; p < SHAPE.pixels(); p++) {
      values[p * 6 + 5] = values[p * 6]; // one direction without scatter
    }
    input = zarr("singular");
    Cli done = fit("w.safetensors", "--method", "lda", "--labels", labels);
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).contains("the scatter within classes is singular: 1 of 6 directions");
    byte[] classes = Files.readAllBytes(Path.of(labels));
    for (int p = 0; p < SHAPE.pixels(); p++) {
      Arrays.fill(values, p * 6, p * 6 + 6, classes[classes.length - 480 + p]);
    }
    input = zarr("still");
    Files.delete(folder.resolve("w.safetensors"));
    refuses(
        fit("w.safetensors", "--method", "lda", "--labels", labels, "--overwrite"),
        "no scatter within classes");
  }

  @Test
  void alignmentWithOtherChannelsIsRefused() throws Exception {
    String old = folder + "/old.safetensors";
    PointwiseLayer layer = PointwiseLayer.of(new float[10], new float[2], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, old, layer, Map.of());
    refuses(fit("w.safetensors", "--channels", "2", "--align", old), "Cannot align");
  }

  @Test
  void conflictingOptionsAreRefused() {
    for (String[] options :
        List.of(
            new String[] {"--channels", "2", "--keep-variance", "0.9"},
            new String[] {"--method", "random"},
            new String[] {"--method", "bottleneck"},
            new String[] {"--fail-below-accuracy", "0.5"},
            new String[] {"--method", "lda", "--labels", "x", "--keep-variance", "0.5"},
            new String[] {"--test-size", "1"},
            new String[] {"--test-size", "0.5", "--hold-out-block", "-1"},
            new String[] {"--sample", "0"},
            new String[] {"--method", "score", "--labels", "x", "--weight-decay", "-1"})) {
      assertThat(fit("w.safetensors", options).code()).as(Arrays.toString(options)).isEqualTo(2);
    }
    assertThat(folder.resolve("w.safetensors")).doesNotExist();
  }

  @Test
  void shiftedArrayKeepsPrecision() throws Exception {
    ByteBuffer file = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    file.put(NpyHeader.encode(ElementType.FLOAT64, new long[] {1, 50, 40, 2}));
    double[] noise = random.doubles(2000, -1, 1).toArray();
    for (double value : noise) {
      file.putDouble(1e6 + value).putDouble(1e6 - 2 * value);
    }
    Files.write(folder.resolve("far.npy"), Arrays.copyOf(file.array(), file.position()));
    input = folder + "/far.npy";
    Cli done = fit("w.safetensors", "--axes", "n,y,x,c", "--channels", "1");
    assertThat(done.code()).as(done.err()).isZero();
    PointwiseLayer layer =
        Weights.read(
                ByteStores.LOCAL, WeightsRef.parse(folder + "/w.safetensors", null, null, null), 2)
            .layer();
    assertThat(layer.weight(0, 1)).isCloseTo((float) Math.sqrt(0.8), within(1e-6f));
    assertThat(layer.weight(0, 0)).isCloseTo((float) -Math.sqrt(0.2), within(1e-6f));
  }
}
