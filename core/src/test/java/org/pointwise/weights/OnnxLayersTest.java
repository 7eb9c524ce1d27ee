package org.pointwise.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Activations;
import org.pointwise.testing.Layers;
import org.pointwise.testing.Reductions;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;

/** Compares every 1×1 layer of real models with ONNX Runtime, on activations of a real picture. */
class OnnxLayersTest {
  @TempDir Path folder;

  @Test
  void matchesAllLayersOfDeepLab() throws Exception {
    assertThat(compare("deeplab_dm05_513_folded", 513, 2e-6)).isEqualTo(37);
  }

  /** Weights, activations and outputs are float16; sums may differ by a few float16 units. */
  @Test
  void matchesAllLayersOfSqueezeNetInFloat16() throws Exception {
    assertThat(compare("SqueezeNet_fp16", 224, 2e-3)).isEqualTo(17);
  }

  @Test
  void batchNormalizationFoldsLikeFoldedModel() throws Exception {
    String folded = SharedData.string("models/onnx/deeplab_dm05_513_folded.onnx");
    String separate = SharedData.string("models/onnx/deeplab_dm05_513_bn.onnx");
    List<NamedLayer> twins = Weights.list(ByteStores.LOCAL, folded);
    int foldedHere = 0;
    for (NamedLayer twin : twins) {
      NamedLayer ours =
          Weights.read(
              ByteStores.LOCAL,
              WeightsRef.parse(separate + "#" + twin.name(), null, null, null),
              twin.layer().inChannels());
      foldedHere += ours.note().contains("BatchNormalization folded") ? 1 : 0;
      assertThat(ours.layer().activation()).isEqualTo(twin.layer().activation());
      assertThat(Reductions.error(ours.layer().weights(), twin.layer().weights()))
          .as(twin.name())
          .isLessThan(1e-6);
      assertThat(Reductions.error(ours.layer().bias(), twin.layer().bias()))
          .as(twin.name())
          .isLessThan(1e-5);
    }
    assertThat(foldedHere).isEqualTo(36);
  }

  @Test
  void writtenLayersRunInOnnxRuntimeAndRoundTrip() throws Exception {
    for (Activation activation : Activations.all(Seed.random("written"), 2)) {
      PointwiseLayer layer =
          PointwiseLayer.of(
              new float[] {1, -2, 3, 0.5f, 4, -1}, new float[] {0.25f, -3}, activation);
      float[] x = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, -0.1f, -0.2f, -3};
      float[] expected = Layers.apply(layer, x, 2, 2, true);
      float largest = 1; // a random slope may enlarge outputs
      for (float y : expected) {
        largest = Math.max(largest, Math.abs(y));
      }
      for (String ending : List.of("onnx", "safetensors", "npy")) {
        String file = folder + "/" + activation + "." + ending;
        WeightsWriter.write(ByteStores.LOCAL, file, layer, Map.of("made", "here"));
        String bias = ending.equals("npy") ? folder + "/" + activation + ".bias.npy" : null;
        Activation given = ending.equals("npy") ? activation : null;
        WeightsRef ref = WeightsRef.parse(file, bias, given, null);
        assertThat(Weights.read(ByteStores.LOCAL, ref, 3).layer().sha256())
            .isEqualTo(layer.sha256());
      }
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      try (OrtSession session = environment.createSession(folder + "/" + activation + ".onnx");
          OnnxTensor input =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), new long[] {1, 3, 2, 2});
          OrtSession.Result result = session.run(Map.of("input", input))) {
        assertThat(Layers.floats(result.get(0)))
            .as("%s", activation)
            .containsExactly(expected, within(2e-6f * largest));
      }
    }
  }

  private static int compare(String model, int size, double tolerance) throws Exception {
    Path taps = SharedData.path("models/onnx/" + model + "_taps.onnx");
    JsonNode index =
        new ObjectMapper()
            .readTree(Files.readAllBytes(SharedData.path("models/onnx/" + model + "_taps.json")));
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    int compared = 0;
    try (OrtSession session = environment.createSession(taps.toString());
        OnnxTensor picture = Layers.picture(environment, session, size);
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), picture))) {
      for (JsonNode entry : index) {
        OnnxValue x = result.get(entry.path("input").asText()).orElseThrow();
        OnnxValue y = result.get(entry.path("output").asText()).orElseThrow();
        long[] shape = ((TensorInfo) x.getInfo()).getShape();
        WeightsRef ref =
            WeightsRef.parse(taps + "#" + entry.path("node").asText(), null, Activation.NONE, null);
        PointwiseLayer layer = Weights.read(ByteStores.LOCAL, ref, entry.path("F").asInt()).layer();
        assertThat(layer.outChannels()).isEqualTo(entry.path("Fp").asInt());
        float[] found = Layers.apply(layer, Layers.floats(x), (int) shape[2], (int) shape[3], true);
        assertThat(Reductions.error(found, Layers.floats(y)))
            .as(entry.path("node").asText())
            .isLessThan(tolerance);
        compared++;
      }
    }
    return compared;
  }
}
