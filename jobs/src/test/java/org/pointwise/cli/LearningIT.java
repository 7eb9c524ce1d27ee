package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Formats;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.store.ByteStores;
import org.pointwise.store.JsonText;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.SharedData;

/** Learns layers from a real network's activations of real, labelled pictures. */
class LearningIT {
  private static final int IMAGES = 16;
  private static final int SIDE = 65;

  /** Uses blocks, so that all pictures are in both parts. */
  private static final HoldoutSplit SPLIT = new HoldoutSplit(0.25, 1, 8, HoldoutSplit.Part.TEST);

  @TempDir Path folder;

  private String features;
  private String labels;

  @BeforeEach
  void find() {
    features = SharedData.string("features/nuclei.zarr/features");
    labels = SharedData.string("features/nuclei.zarr/labels");
  }

  private void fit(String name, String... method) {
    List<String> args =
        new ArrayList<>(
            List.of("fit", features, folder + "/" + name + ".safetensors", "--labels", labels));
    args.addAll(List.of("--test-size", "0.25", "--hold-out-block", "8", "--seed", "1"));
    args.addAll(List.of("--runner", "local", "--quiet"));
    args.addAll(List.of(method));
    Cli done = Cli.run(args.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
  }

  private JsonNode evaluate(String name) {
    Cli done =
        Cli.run(
            "evaluate",
            features,
            "--weights",
            folder + "/" + name + ".safetensors",
            "--labels",
            labels,
            "--runner",
            "local",
            "--quiet",
            "--json");
    assertThat(done.code()).as(done.err()).isZero();
    return JsonText.parse(done.out().getBytes(StandardCharsets.UTF_8), name);
  }

  private Path mask() throws Exception {
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {IMAGES, SIDE, SIDE});
    byte[] file = Arrays.copyOf(header, header.length + IMAGES * SIDE * SIDE);
    ArrayInfo input = Formats.open(ByteStores.LOCAL, features, null, null).info();
    for (Box tile : SPLIT.of(input).in(new Box(0, IMAGES, 0, SIDE, 0, SIDE))) {
      for (long y = tile.y0(); y < tile.y1(); y++) {
        for (long x = tile.x0(); x < tile.x1(); x++) {
          file[header.length + (int) ((tile.n0() * SIDE + y) * SIDE + x)] = 1;
        }
      }
    }
    return Files.write(folder.resolve("mask.npy"), file);
  }

  @Test
  void matchesNumPyAndScikitLearnOnSameSplit() throws Exception {
    boolean present =
        Files.exists(Path.of("/usr/bin/python3"))
            && Processes.run(folder, "/usr/bin/python3", "-c", "import zarr, sklearn").code() == 0;
    Assumptions.assumeTrue(
        present, "Skipped: scikit-learn is not installed (Debian's python3-sklearn, python3-zarr)");
    for (int channels : new int[] {1, 4, 16, 64}) {
      fit("pca" + channels, "--channels", String.valueOf(channels));
    }
    fit("lda", "--method", "lda");
    fit("score", "--method", "score");
    Processes compared =
        Processes.run(
            folder,
            "/usr/bin/python3",
            Processes.root().resolve("scripts/interop/compare_fit.py").toString(),
            features,
            labels,
            mask().toString(),
            folder.toString());
    assertThat(compared.code()).as(compared.err()).isZero();
    JsonNode theirs =
        JsonText.parse(compared.out().getBytes(StandardCharsets.UTF_8), "compare_fit.py");
    for (JsonNode pca : theirs.path("pca")) {
      assertThat(pca.path("pixels").asLong()).isEqualTo(theirs.path("pixels").asLong());
      double ours = pca.path("explainedVariance").asDouble();
      assertThat(ours).isCloseTo(pca.path("numpy").asDouble(), within(2e-9));
      assertThat(ours).isCloseTo(pca.path("sklearn").asDouble(), within(2e-9));
      assertThat(pca.path("largestAngle").asDouble()).isLessThan(1e-4);
      assertThat(pca.path("outputOfMean").asDouble()).isLessThan(1e-4);
    }
    assertThat(theirs.at("/lda/correlation").asDouble()).isGreaterThan(0.9999);
    assertSameFigures(theirs.path("ldaOfOurs"), theirs.path("lda"));
    assertSameFigures(evaluate("score").at("/probe/head"), theirs.path("score"));
    System.out.println("Compared with NumPy and scikit-learn: " + theirs);
  }

  private static void assertSameFigures(JsonNode ours, JsonNode theirs) {
    for (String figure : new String[] {"accuracy", "meanIou"}) {
      assertThat(ours.path(figure).asDouble())
          .as(figure)
          .isCloseTo(theirs.path(figure).asDouble(), within(0.002));
    }
  }

  @Test
  @Tag("full")
  void trainedChannelsClassifyBetterThanPcaAndSelection() {
    fit("bottleneck", "--method", "bottleneck", "--channels", "4");
    fit("pca", "--channels", "4");
    fit("select", "--method", "select", "--channels", "4");
    JsonNode trained = evaluate("bottleneck").at("/probe/reduced");
    JsonNode pca = evaluate("pca").at("/probe/reduced");
    JsonNode select = evaluate("select").at("/probe/reduced");
    System.out.printf(
        "Held-out pixels: bottleneck %s%n pca %s%n select %s%n", trained, pca, select);
    double accuracy = trained.path("accuracy").asDouble();
    assertThat(accuracy).isGreaterThan(pca.path("accuracy").asDouble() + 0.01);
    assertThat(accuracy).isGreaterThan(select.path("accuracy").asDouble() + 0.01);
    double iou = trained.path("meanIou").asDouble();
    assertThat(iou).isGreaterThan(pca.path("meanIou").asDouble() + 0.12);
    assertThat(iou).isGreaterThan(select.path("meanIou").asDouble() + 0.12);
  }
}
