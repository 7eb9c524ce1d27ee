package org.pointwise.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Seed;
import org.pointwise.weights.WeightsWriter;

/** An input, a layer, and the check that a reduction of them is refused. */
abstract class BadInputFixture {
  @TempDir Path folder;

  Arrays4 array;
  String input;
  String weights;
  String output;

  @BeforeEach
  void write() throws Exception {
    Random random = Seed.random("bad");
    array = Arrays4.random(random, new FeatureShape(2, 16, 16, 8));
    Extent chunk = new Extent(1, 8, 8);
    input = array.zarr(folder + "/in.zarr", 3, "n,y,x,c", chunk, new Extent(1, 16, 16));
    weights = folder + "/w.npy";
    output = folder + "/out.zarr";
    float[] values = new float[8 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    WeightsWriter.write(
        ByteStores.LOCAL,
        weights,
        PointwiseLayer.of(values, new float[3], Activation.NONE),
        Map.of());
  }

  Cli reduce(String... more) {
    return reduceTo(output, more);
  }

  Cli reduceTo(String target, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("reduce", input, target, "--weights", weights, "--runner", "local", "--quiet"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray(String[]::new));
  }

  void refuses(String message, String... more) {
    Cli done = reduce(more);
    assertThat(done.errorLine()).contains(message);
    assertThat(done.code()).isEqualTo(3);
    assertThat(Path.of(output + ".pointwise", "_SUCCESS")).doesNotExist();
    Path metadata = Path.of(output, "zarr.json");
    if (Files.exists(metadata)) {
      assertThat(metadata).content().contains("\"incomplete\"");
      assertThat(Cli.run("verify", output).code()).isEqualTo(4);
    }
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  static byte[] zeros(long... shape) {
    byte[] header = NpyHeader.encode(ElementType.UINT8, shape);
    return Arrays.copyOf(
        header, header.length + (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b));
  }
}
