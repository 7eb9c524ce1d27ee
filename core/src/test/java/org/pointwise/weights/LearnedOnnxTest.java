package org.pointwise.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.OutputFormats;
import org.pointwise.job.MomentsRun;
import org.pointwise.learn.FeatureMoments;
import org.pointwise.learn.LearnedLayer;
import org.pointwise.learn.Projections;
import org.pointwise.plan.Head;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.MomentsPlan;
import org.pointwise.plan.PixelSelection;
import org.pointwise.plan.Reduction;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.PixelSample;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.SharedData;
import org.pointwise.work.LocalRunner;
import org.pointwise.work.Progress;

/** Runs a layer learned from real activations, and its decoder, in ONNX Runtime. */
class LearnedOnnxTest {
  @TempDir Path folder;

  @Test
  void onnxRuntimeComputesSameValues() throws Exception {
    FeatureSource source = Reductions.open(SharedData.string("features/nuclei.zarr/features"));
    FeatureShape shape = source.info().shape();
    PixelSelection spec =
        new PixelSelection(folder + "/m", null, 0, null, PixelSample.ALL, HoldoutSplit.ALL);
    MomentsPlan plan = MomentsPlan.of(spec, source.info());
    FeatureMoments found;
    try (MomentsRun job = new MomentsRun(ByteStores.LOCAL, plan, "test")) {
      LocalRunner runner = new LocalRunner(ByteStores.LOCAL, 2);
      found = job.run(runner, Progress.SILENT, System.nanoTime()).moments();
    }
    LearnedLayer learned = new Projections(found).pca(new Projections.Target(16, 1));
    String file = folder + "/pca.onnx";
    WeightsWriter.write(
        ByteStores.LOCAL,
        file,
        learned.layer(),
        Map.of(Weights.DECODER, learned.decoder()),
        learned.metadata());

    String output = folder + "/reduced.zarr";
    Reduction reduce = Reductions.spec(output, new Head("pca", file, learned.layer()));
    Reductions.run(
        Reductions.with(reduce, OutputFormats.named("zarr3"), ElementType.FLOAT32, null, 1 << 20),
        source,
        2);
    float[] ours = Reductions.read(Reductions.open(output + "/pca"));
    int image = (int) (shape.y() * shape.x());
    float[] x = channelsFirst(Reductions.read(source), image, shape.c());
    float[] reduced = run(file, x, new long[] {1, shape.c(), shape.y(), shape.x()});
    float[] expected = channelsFirst(ours, image, 16);
    assertThat(Reductions.error(reduced, expected)).isLessThan(1e-5);

    float[] back =
        run(folder + "/pca.decoder.onnx", reduced, new long[] {1, 16, shape.y(), shape.x()});
    double error = 0;
    double all = 0;
    for (int i = 0; i < back.length; i++) {
      error += (back[i] - x[i]) * (back[i] - x[i]);
      all += x[i] * x[i];
    }
    assertThat(Math.sqrt(error / all)).isLessThan(0.25);
  }

  /** Returns the first image of n,y,x,c as c,y,x. */
  private static float[] channelsFirst(float[] values, int pixels, int channels) {
    float[] turned = new float[pixels * channels];
    for (int p = 0; p < pixels; p++) {
      for (int c = 0; c < channels; c++) {
        turned[c * pixels + p] = values[p * channels + c];
      }
    }
    return turned;
  }

  private static float[] run(String model, float[] x, long[] shape) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
        OrtSession.Result result = session.run(Map.of("input", input))) {
      FloatBuffer found = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] y = new float[found.remaining()];
      found.get(y);
      return y;
    }
  }
}
