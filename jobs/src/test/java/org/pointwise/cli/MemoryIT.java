package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
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
import org.pointwise.weights.WeightsWriter;

/**
 * Tests every command in the smallest heap that its plan accepts. The command succeeds with this
 * heap, and a smaller one is refused with the required size.
 */
class MemoryIT {
  private static final FeatureShape SHAPE = new FeatureShape(4, 64, 64, 64);
  private static final Pattern ADVISED_HEAP =
      Pattern.compile("needs \\d+ MiB.*JAVA_OPTS=-Xmx(\\d+)m");

  @TempDir Path folder;
  private String input;
  private String labels;
  private String weights;

  @BeforeEach
  void write() throws Exception {
    Arrays4 array = Arrays4.random(Seed.random("memory"), SHAPE);
    Extent image = new Extent(1, 64, 64);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", image, image);
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {4, 64, 64});
    byte[] file = Arrays.copyOf(header, header.length + (int) SHAPE.pixels());
    for (int p = 0; p < SHAPE.pixels(); p++) {
      file[header.length + p] = (byte) (p % 2);
    }
    labels = Files.write(folder.resolve("labels.npy"), file).toString();
    weights = folder + "/w.safetensors";
    float[] values = new float[64 * 48];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 97 / 97f;
    }
    PointwiseLayer layer = PointwiseLayer.of(values, new float[48], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, weights, layer, Map.of());
  }

  private Processes runWithHeap(int mebibytes, List<String> command) throws Exception {
    ProcessBuilder builder = Processes.pointwiseBuilder(folder, command.toArray(String[]::new));
    builder
        .environment()
        .put("JAVA_OPTS", "-Xmx%dm %s".formatted(mebibytes, Processes.archiveOptions()));
    return Processes.awaitEnd(builder);
  }

  private void endsWellInTheLeastHeap(int tooLittle, String... command) throws Exception {
    endsWellInTheLeastHeap("local", tooLittle, command);
  }

  private void endsWellInTheLeastHeap(String runner, int tooLittle, String... command)
      throws Exception {
    List<String> args = new ArrayList<>(List.of(command));
    args.addAll(List.of("--runner", runner, "--quiet"));
    Processes done = runWithHeap(tooLittle, args);
    Matcher advice = ADVISED_HEAP.matcher(done.err());
    assertThat(done.code()).as(done.err()).isEqualTo(3);
    int heap = tooLittle;
    while (advice.find()) { // repeats if a later plan of the same command needs more
      assertThat(Integer.parseInt(advice.group(1))).as(done.err()).isGreaterThan(heap);
      heap = Integer.parseInt(advice.group(1));
      done = runWithHeap(heap, args);
      advice = ADVISED_HEAP.matcher(done.err());
    }
    assertThat(done.code()).as(done.err()).isZero();
  }

  @Test
  void reduceAndVerifySucceedInMinimalHeap() throws Exception {
    String output = folder + "/out.zarr";
    endsWellInTheLeastHeap(
        40,
        "reduce",
        input,
        output,
        "--weights",
        weights,
        "--threads",
        "2",
        "--shard-size",
        "4MiB");
    endsWellInTheLeastHeap(24, "verify", output, "--deep");
    endsWellInTheLeastHeap(24, "verify", output, "--input", input, "--weights", weights);
  }

  /** Spark needs a heap of at least 450 MiB, so the test uses chunks of 64 MiB for each task. */
  @Test
  @Tag("full")
  void reduceAndMomentsOnSparkSucceedInMinimalHeap() throws Exception {
    FeatureShape shape = new FeatureShape(2, 256, 256, 256);
    Extent image = new Extent(1, 256, 256);
    String large =
        Arrays4.random(Seed.random("spark"), shape)
            .zarr(folder + "/large.zarr", 2, "n,y,x,c", image, image);
    float[] values = new float[256 * 4];
    Arrays.fill(values, 0.01f);
    PointwiseLayer layer = PointwiseLayer.of(values, new float[4], Activation.NONE);
    String narrow = folder + "/narrow.safetensors";
    WeightsWriter.write(ByteStores.LOCAL, narrow, layer, Map.of());
    endsWellInTheLeastHeap(
        "spark",
        560,
        "reduce",
        large,
        folder + "/small.zarr",
        "--weights",
        narrow,
        "--master",
        "local[2]");
    endsWellInTheLeastHeap(
        "spark", 560, "moments", large, folder + "/large.safetensors", "--master", "local[2]");
  }

  @Test
  void momentsByClassSucceedInMinimalHeap() throws Exception {
    String[] classes = {"--labels", labels, "--classes", "2"};
    List<String> command = new ArrayList<>(List.of("moments", input, folder + "/m.safetensors"));
    command.addAll(List.of(classes));
    endsWellInTheLeastHeap(40, command.toArray(String[]::new));
  }

  @Test
  @Tag("full")
  void trainingAndEvaluationSucceedInMinimalHeap() throws Exception {
    String layer = folder + "/trained.safetensors";
    List<String> fit = new ArrayList<>(List.of("fit", input, layer, "--method", "bottleneck"));
    fit.addAll(List.of("--channels", "8", "--train-pixels", "5000", "--max-iter", "2"));
    endsWellInTheLeastHeap(40, fit.toArray(String[]::new));
    endsWellInTheLeastHeap(
        40,
        "evaluate",
        input,
        "--weights",
        layer,
        "--report",
        folder + "/r.html",
        "--test-size",
        "0.5");
  }
}
