package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
import org.pointwise.testing.SharedData;
import org.pointwise.weights.WeightsWriter;

/** Runs the commands of pages that need inputs of the reader's own. */
@Tag("full")
class PagesIT {
  @TempDir Path folder;

  private final Random random = Seed.random("pages");

  private String array(String path, FeatureShape shape) throws Exception {
    Extent chunk = new Extent(1, (int) shape.y(), (int) shape.x());
    Path group = folder.resolve(path).getParent();
    Path made = Path.of(Arrays4.random(random, shape).zarr(group + "", 3, "n,y,x,c", chunk, chunk));
    Path named = folder.resolve(path);
    return (made.equals(named) ? made : Files.move(made, named)).toString();
  }

  private void layer(String name, int in, int out) throws Exception {
    float[] weights = new float[in * out];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    PointwiseLayer layer = PointwiseLayer.of(weights, new float[out], Activation.NONE);
    WeightsWriter.write(ByteStores.LOCAL, folder + "/" + name, layer, Map.of());
  }

  private Processes run(String block) throws Exception {
    return Processes.awaitEnd(PageBlocks.shell(folder, block));
  }

  private void succeeds(String block) throws Exception {
    Processes done = run(block);
    assertThat(done.code()).as("%s: %s%s", block, done.out(), done.err()).isZero();
  }

  private static String only(String page) throws Exception {
    List<String> blocks = PageBlocks.of(page, "bash");
    assertThat(blocks).hasSize(1);
    return blocks.get(0);
  }

  @Test
  void learning() throws Exception {
    FeatureShape shape = new FeatureShape(4, 24, 24, 8);
    Arrays4 features = Arrays4.random(random, shape);
    byte[] header = NpyHeader.encode(ElementType.UINT8, new long[] {4, 24, 24});
    byte[] labels = Arrays.copyOf(header, header.length + (int) shape.pixels());
    for (int p = 0; p < shape.pixels(); p++) {
      labels[header.length + p] = (byte) random.nextInt(2);
      features.values()[p * 8] += 6 * labels[header.length + p]; // two classes apart
    }
    Extent image = new Extent(1, 24, 24);
    Path made = Path.of(features.zarr(folder + "/features.zarr", 3, "n,y,x,c", image, image));
    Files.move(made, made.resolveSibling("relu256"));
    Files.write(folder.resolve("labels.npy"), labels);
    String block = only("docs/learning.md");
    String page = "features.zarr/labels";
    assertThat(block).contains("--labels " + page);
    succeeds(block.replace(page, "labels.npy"));
    assertThat(folder.resolve("b4.report.html")).exists();
  }

  @Test
  void nights() throws Exception {
    layer("w.safetensors", 6, 2);
    FeatureShape shape = new FeatureShape(4, 64, 64, 6);
    array("store.zarr/data", shape);
    array("nights/2026-11-28", shape);
    List<String> blocks = PageBlocks.of("docs/nights.md", "bash");
    assertThat(blocks).hasSize(2);
    ProcessBuilder nightly = PageBlocks.shell(folder, blocks.get(0));
    nightly.environment().put("MIN_VARIANCE", "0"); // of a random layer
    Processes done = Processes.awaitEnd(nightly);
    assertThat(done.code()).as(done.out() + done.err()).isZero();
    succeeds(blocks.get(1));
    assertThat(folder.resolve("small.zarr.pointwise/_SUCCESS")).exists();
    assertThat(folder.resolve("out.zarr.pointwise/_SUCCESS")).exists();
  }

  @Test
  void layersOfAnOnnxModel() throws Exception {
    Files.copy(
        SharedData.path("models/onnx/deeplab_dm05_513_folded.onnx"), folder.resolve("model.onnx"));
    array("store.zarr/relu256", new FeatureShape(1, 16, 16, 256));
    succeeds(only("docs/reduce.md"));
    assertThat(folder.resolve("score.zarr.pointwise/_SUCCESS")).exists();
  }

  /** The sizes that the page names, on a cluster whose worker has four cores. */
  @Test
  void memory() throws Exception {
    String python = Processes.python(folder);
    Processes made =
        Processes.run(folder, python, "-c", PageBlocks.of("docs/memory.md", "python").get(0));
    assertThat(made.code()).as(made.err()).isZero();
    List<String> blocks = PageBlocks.of("docs/memory.md", "bash");
    assertThat(blocks).hasSize(2);
    List<String> printed = PageBlocks.of("docs/memory.md", "text");
    SparkHome spark = SparkHome.ofBuild();
    try (SparkHome.Cluster cluster = spark.start(folder, 1, 4)) {
      Processes cores =
          Processes.awaitEnd(
              spark.placed(folder, blocks.get(0), "spark://host:7077", cluster.url()));
      assertThat(cores.code()).as(cores.err()).isEqualTo(3);
      assertThat(printed).contains(cores.err().lines().filter(PagesIT::refusal).findAny().get());
    }
    Processes heap = run(blocks.get(1));
    assertThat(heap.code()).as(heap.err()).isEqualTo(3);
    assertThat(printed).contains(heap.err().lines().filter(PagesIT::refusal).findAny().get());
  }

  private static boolean refusal(String line) {
    return line.startsWith("Cannot run");
  }
}
