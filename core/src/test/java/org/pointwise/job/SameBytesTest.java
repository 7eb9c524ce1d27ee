package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.format.OutputFormat;
import org.pointwise.format.OutputFormats;
import org.pointwise.plan.Head;
import org.pointwise.plan.Reduction;
import org.pointwise.store.ByteStores;
import org.pointwise.store.Hashes;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.testing.Arrays4;
import org.pointwise.testing.Folders;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;

/** The output does not depend on the storage of the input or on the division into units. */
class SameBytesTest {
  private static final FeatureShape SHAPE = new FeatureShape(3, 37, 29, 70);

  @TempDir Path folder;

  private final Random random = Seed.random("same");
  private final Arrays4 array = Arrays4.random(random, SHAPE);
  private final Head wide = new Head("wide", "test", layer(24));
  private final Head narrow = new Head("narrow", "test", layer(3));

  private PointwiseLayer layer(int out) {
    float[] weights = new float[out * SHAPE.c()];
    float[] bias = new float[out];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    for (int o = 0; o < out; o++) {
      bias[o] = (float) random.nextGaussian();
    }
    return PointwiseLayer.of(weights, bias, Activation.RELU);
  }

  @Test
  void outputIsIndependentOfInputTileSizeAndFormat() throws Exception {
    Map<String, FeatureSource> inputs = new LinkedHashMap<>();
    inputs.put("v3 sharded", zarr(3, "n,y,x,c", new Extent(1, 8, 8), new Extent(2, 16, 32)));
    inputs.put("v3 whole", zarr(3, "n,y,x,c", new Extent(3, 37, 29), new Extent(3, 37, 29)));
    inputs.put("v3 first", zarr(3, "n,c,y,x", new Extent(1, 7, 29), new Extent(1, 14, 29)));
    inputs.put("v2 odd", zarr(2, "y,x,n,c", new Extent(2, 5, 11), new Extent(2, 5, 11)));
    inputs.put("v2 pixels", zarr(2, "c,n,y,x", new Extent(1, 37, 1), new Extent(1, 37, 1)));
    String npy = array.npyFolder(folder + "/npy", "c,y,x");
    inputs.put("npy folder", Formats.open(ByteStores.LOCAL, npy, Axes.parse("c,y,x"), null));
    String file = array.npyFile(folder.toString(), "all.npy", "n,y,x,c");
    inputs.put("npy file", Formats.open(ByteStores.LOCAL, file, Axes.parse("n,y,x,c"), null));
    String expected = null;
    for (Map.Entry<String, FeatureSource> input : inputs.entrySet()) {
      String output = folder + "/out-" + input.getKey().replace(' ', '-') + ".zarr";
      Reductions.run(Reductions.spec(output, wide, narrow), input.getValue(), 2);
      String hash = decodedHash(output);
      expected = expected == null ? hash : expected;
      assertThat(hash).as("%s, seed %d", input.getKey(), Seed.value()).isEqualTo(expected);
    }
  }

  @Test
  void valuesAreIndependentOfOutputShardsFormatAndAxes() throws Exception {
    FeatureSource input = zarr(3, "n,y,x,c", new Extent(1, 4, 8), new Extent(1, 16, 16));
    String expected = null;
    int round = 0;
    for (OutputFormat format :
        new OutputFormat[] {OutputFormats.named("zarr3"), OutputFormats.named("zarr2")}) {
      for (long shardBytes : new long[] {Reduction.CHOOSE, 0, 1, 20_000, 1 << 30}) {
        for (String axes : new String[] {"n,y,x,c", "c,n,x,y"}) {
          String output = folder + "/round" + round++ + ".zarr";
          Reduction spec =
              Reductions.with(
                  Reductions.spec(output, wide, narrow),
                  format,
                  null,
                  Axes.parse(axes),
                  shardBytes);
          Reductions.run(spec, input, 2);
          assertThat(Reductions.verify(output).isOk()).isTrue();
          String hash = decodedHash(output);
          expected = expected == null ? hash : expected;
          assertThat(hash).as("%s %d %s", format, shardBytes, axes).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void bytesAreIndependentOfThreadCount() throws Exception {
    FeatureSource input = zarr(3, "n,y,x,c", new Extent(1, 4, 8), new Extent(1, 16, 16));
    Map<String, String> expected = null;
    for (int threads = 1; threads <= 5; threads++) {
      String output = folder + "/threads" + threads + ".zarr";
      Reduction spec =
          Reductions.with(
              Reductions.spec(output, wide, narrow),
              OutputFormats.named("zarr3"),
              null,
              null,
              6000);
      Reductions.run(spec, input, threads);
      Map<String, String> hashes = Folders.hashes(Path.of(output), "/c/");
      expected = expected == null ? hashes : expected;
      assertThat(hashes).hasSizeGreaterThan(10).isEqualTo(expected);
    }
  }

  @Test
  void npyFilesHoldSameValues() throws Exception {
    FeatureSource input = zarr(3, "n,y,x,c", new Extent(1, 4, 8), new Extent(1, 16, 16));
    String zarr = folder + "/a.zarr";
    Reductions.run(Reductions.spec(zarr, wide), input, 1);
    String npy = folder + "/npys";
    Reductions.run(
        Reductions.with(
            Reductions.spec(npy, wide), OutputFormats.named("npy"), null, null, Reduction.CHOOSE),
        input,
        2);
    assertThat(Reductions.verify(npy).isOk()).isTrue();
    float[] files = Reductions.read(Formats.open(ByteStores.LOCAL, npy, Axes.parse("y,x,c"), null));
    assertThat(files).isEqualTo(Reductions.read(Reductions.open(zarr + "/wide")));
  }

  private FeatureSource zarr(int format, String axes, Extent chunk, Extent shard) throws Exception {
    String group = folder + "/in-" + format + "-" + axes.replace(",", "") + chunk.pixels();
    return Reductions.open(array.zarr(group, format, axes, chunk, shard));
  }

  private static String decodedHash(String output) throws Exception {
    StringBuilder hashes = new StringBuilder();
    for (String name : new String[] {"wide", "narrow"}) {
      float[] values = Reductions.read(Reductions.open(output + "/" + name));
      ByteBuffer bytes = ByteBuffer.allocate(values.length * 4);
      bytes.asFloatBuffer().put(values);
      hashes.append(Hashes.sha256(bytes.array()));
    }
    return hashes.toString();
  }
}
