package org.pointwise.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.testing.Layers;
import org.pointwise.testing.PythonPeers;
import org.pointwise.testing.Seed;

/**
 * Compares the layers that {@code auto} reads from random ONNX graphs, written by Python's {@code
 * onnx}, with ONNX Runtime.
 */
class OnnxGraphsTest {
  private static final int GRAPHS = 280;
  private static final int HEIGHT = 8;
  private static final int WIDTH = 9;

  /** Relative to the largest magnitude that ONNX Runtime computes. */
  private static final double TOLERANCE = 2e-6;

  /**
   * Bounds the error where an activation maps large sums to small values: both sums have an error
   * of some 2⁻²² of the added magnitudes, and the activation may enlarge it.
   */
  private static final double ROUNDING = 0x1p-22 / TOLERANCE;

  @TempDir Path folder;

  @Test
  void layersMatchGraphAndReportTheirEnds() throws Exception {
    Random random = Seed.random("graphs");
    String seed = String.valueOf(random.nextInt(1 << 30));
    String count = String.valueOf(GRAPHS);
    PythonPeers.run("write_onnx.py", folder.toString(), count, seed);
    JsonNode index = new ObjectMapper().readTree(folder.resolve("index.json").toFile());
    assertThat(index).hasSize(GRAPHS);
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    double worst = 0;
    Map<String, Integer> kinds = new HashMap<>();
    for (int i = 0; i < GRAPHS; i++) {
      JsonNode graph = index.get(i);
      String file = folder.resolve(i + ".onnx").toString();
      String description =
          "graph %d of seed %s: %s".formatted(i, seed, graph.path("made").asText());
      WeightsRef ref = WeightsRef.parse(file + "#" + graph.path("conv").asText(), null, null, null);
      NamedLayer found = Weights.read(ByteStores.LOCAL, ref, 0);
      float[] x = new float[graph.path("in").asInt() * HEIGHT * WIDTH];
      for (int k = 0; k < x.length; k++) {
        x[k] = 2 * (float) random.nextGaussian();
      }
      float[] ours = Layers.apply(found.layer(), x, HEIGHT, WIDTH, i % 2 == 0);
      String output = graph.path("output").asText();
      long[] shape = {1, graph.path("in").asInt(), HEIGHT, WIDTH};
      try (OrtSession session = environment.createSession(file);
          OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
          OrtSession.Result result = session.run(Map.of("input", input))) {
        float[] theirs = Layers.floats(result.get(output).orElseThrow());
        double largest = Math.max(largest(theirs), ROUNDING * scale(found.layer(), x));
        double error = difference(ours, theirs);
        assertThat(error)
            .as("%s, read as %s", description, found.layer())
            .isLessThanOrEqualTo(TOLERANCE * largest);
        worst = Math.max(worst, error / largest);
      }
      List<String> ends = new ArrayList<>();
      graph.path("ends").forEach(node -> ends.add("'" + node.asText() + "'"));
      assertThat(found.ends().replaceAll("[A-Za-z]+ '", "'"))
          .as(description)
          .isEqualTo(String.join(" and ", ends));
      assertThat(found.remark()).contains(found.ends());
      kinds.merge(graph.path("activation").asText(), 1, Integer::sum);
    }
    System.out.printf("%d graphs, seed %s, largest error %.2g: %s%n", GRAPHS, seed, worst, kinds);
    assertThat(kinds.values()).hasSize(14).allMatch(times -> times >= 15);
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double difference(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs((double) found[i] - expected[i]));
    }
    return worst;
  }

  /** Returns the largest sum of magnitudes of an output, as the activation may enlarge it. */
  private static double scale(PointwiseLayer layer, float[] x) {
    int plane = HEIGHT * WIDTH;
    double max = 0;
    for (int o = 0; o < layer.outChannels(); o++) {
      for (int p = 0; p < plane; p++) {
        double magnitude = Math.abs(layer.bias(o));
        for (int k = 0; k < layer.inChannels(); k++) {
          magnitude += Math.abs(layer.weight(o, k) * x[k * plane + p]);
        }
        max = Math.max(max, magnitude);
      }
    }
    return max * layer.activation().lipschitz();
  }
}
