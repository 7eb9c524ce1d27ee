package org.pointwise.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.format.FeatureSource;
import org.pointwise.plan.Head;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.ElementType;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.SharedData;
import org.pointwise.weights.NamedLayer;
import org.pointwise.weights.Weights;
import org.pointwise.weights.WeightsRef;

/** Reduces real activations of a real network and compares with ONNX Runtime's outputs. */
class RealFeaturesTest {
  private static final String FEATURES = "features/portrait.zarr/";
  private static final String MODEL = "models/onnx/deeplab_dm05_513_folded.onnx";

  @TempDir Path folder;

  @Test
  void concatProjectionEqualsOnnxRuntime() throws Exception {
    float[] found = reduce("concat512", "#concat_projection/Conv2D", Activation.NONE);
    assertThat(Reductions.error(found, stored("projection256"))).isLessThan(2e-6);
  }

  @Test
  void followingActivationIsTakenFromGraph() throws Exception {
    float[] expected = stored("projection256");
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.max(0, expected[i]);
    }
    assertThat(Reductions.error(reduce("concat512", "#concat_projection/Conv2D", null), expected))
        .isLessThan(2e-6);
  }

  @Test
  void channelsFirstScoreEqualsOnnxRuntime() throws Exception {
    float[] found = reduce("relu256", "#Conv__305:0", null);
    assertThat(Reductions.error(found, stored("score2"))).isLessThan(2e-6);
    FeatureSource reduced = Reductions.open(folder + "/relu256.zarr/features");
    assertThat(reduced.info().axes()).hasToString("n,c,y,x");
    assertThat(reduced.info().dimensionNames()).containsExactly("image", "channel", "y", "x");
  }

  @Test
  void float16ScoreHasFloat16Accuracy() throws Exception {
    float[] found = reduce("relu256_f16", "#Conv__305:0", null);
    FeatureSource reduced = Reductions.open(folder + "/relu256_f16.zarr/features");
    assertThat(reduced.info().type()).isEqualTo(ElementType.FLOAT16);
    // Input and output are each rounded to 11 bits; the input's error is summed over 256 products.
    assertThat(Reductions.error(found, stored("score2"))).isLessThan(2e-3);
  }

  private float[] reduce(String array, String name, Activation activation) throws Exception {
    FeatureSource source = Reductions.open(SharedData.string(FEATURES + array));
    NamedLayer layer =
        Weights.read(
            ByteStores.LOCAL,
            WeightsRef.parse(SharedData.string(MODEL) + name, null, activation, null),
            source.info().shape().c());
    String output = folder + "/" + array + ".zarr";
    Reductions.run(
        Reductions.spec(output, new Head("features", layer.source(), layer.layer())), source, 2);
    assertThat(Reductions.verify(output).isOk()).isTrue();
    return Reductions.read(Reductions.open(output + "/features"));
  }

  private static float[] stored(String array) throws Exception {
    float[] values = Reductions.read(Reductions.open(SharedData.string(FEATURES + array)));
    return Arrays.copyOf(values, values.length);
  }
}
