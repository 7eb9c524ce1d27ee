package org.pointwise.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.testing.Layers;
import org.pointwise.testing.Seed;
import org.pointwise.testing.SharedData;

/**
 * Compares this project's and ONNX Runtime's errors against float64 for every 1×1 layer of the
 * models: networks on the activations of a real picture, separate kernels on rectified noise.
 */
class AccuracyTest {
  /** The largest accepted ratio of this project's error to ONNX Runtime's. */
  private static final double RATIO = 1.1;

  /** The number of pixels of a layer that are computed in float64. */
  private static final int PIXELS = 1024;

  /** The side of the plane that separate kernels read. */
  private static final int SIDE = 48;

  private final OrtEnvironment environment =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);

  @TempDir Path folder;
  private double ourLargest;
  private double theirLargest;
  private long outputs;
  private int layers;

  /** The largest error is that over all outputs of all layers, of networks and of kernel files. */
  @Test
  void errorsAreNoLargerThanOnnxRuntimes() throws Exception {
    network("deeplab_dm05_513_folded", 513);
    network("deeplab_dm05_513_bn", 513);
    network("SqueezeNet_fp16", 224);
    network("yunet_n_320_320", 320);
    Random random = Seed.random("accuracy");
    for (String model : List.of("squeezenet1.0_nhwc", "squeezenet1.1_nchw", "resnet50v2_nchw")) {
      kernels(SharedData.path("models/npy/" + model), random);
    }
    System.out.printf(
        "%d layers, %d outputs, largest error %.3g, ONNX Runtime's %.3g of a layer's largest%n",
        layers, outputs, ourLargest, theirLargest);
    assertThat(layers).isGreaterThan(100);
    assertThat(outputs).isGreaterThan(1_000_000);
    assertThat(ourLargest).isLessThanOrEqualTo(RATIO * theirLargest);
  }

  /** Tests every 1×1 layer of a network on its actual input. */
  private void network(String name, int size) throws Exception {
    String file = SharedData.string("models/onnx/" + name + ".onnx");
    List<NodeProto> convolutions = new ArrayList<>();
    Path taps = folder.resolve(name + ".onnx");
    Files.write(taps, withTaps(file, convolutions).toByteArray());
    try (OrtSession session = environment.createSession(taps.toString());
        OnnxTensor picture = Layers.picture(environment, session, size);
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), picture))) {
      for (NodeProto node : convolutions) {
        OnnxTensor x = (OnnxTensor) result.get(node.getInput(0)).orElseThrow();
        long[] shape = ((TensorInfo) x.getInfo()).getShape();
        WeightsRef ref =
            WeightsRef.parse(file + "#" + node.getOutput(0), null, Activation.NONE, null);
        PointwiseLayer layer = Weights.read(ByteStores.LOCAL, ref, (int) shape[1]).layer();
        compare(
            name + " " + node.getOutput(0),
            layer,
            Layers.floats(x),
            (int) shape[2],
            (int) shape[3]);
      }
    }
  }

  /** Returns the model with the inputs of its 1×1 convolutions as outputs. */
  private static ModelProto withTaps(String file, List<NodeProto> convolutions) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(Path.of(file)));
    List<String> names =
        Weights.list(ByteStores.LOCAL, file).stream().map(NamedLayer::name).toList();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    List<String> given = new ArrayList<>();
    graph.getOutputList().forEach(output -> given.add(output.getName()));
    graph.getInputList().forEach(input -> given.add(input.getName()));
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (names.contains(node.getName()) || names.contains(node.getOutput(0))) {
        convolutions.add(node);
        if (!given.contains(node.getInput(0))) {
          given.add(node.getInput(0));
          graph.addOutputBuilder().setName(node.getInput(0));
        }
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /** Tests every 1×1 kernel of a folder. */
  private void kernels(Path model, Random random) throws Exception {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(model)) {
      files = walk.filter(file -> file.toString().endsWith(".npy")).sorted().toList();
    }
    for (Path file : files) {
      long[] shape =
          NpyArray.read(
                  ByteStores.LOCAL.open(ByteStores.parent(file.toString())),
                  ByteStores.name(file.toString()))
              .shape();
      if (shape.length != 4 || !KernelShapes.isPointwise(shape)) {
        continue;
      }
      PointwiseLayer layer =
          Weights.read(ByteStores.LOCAL, WeightsRef.parse(file.toString(), null, null, null), 0)
              .layer();
      float[] x = new float[layer.inChannels() * SIDE * SIDE];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) Math.max(0, random.nextGaussian());
      }
      compare(model.getFileName() + " " + file.getFileName(), layer, x, SIDE, SIDE);
    }
  }

  private void compare(String name, PointwiseLayer layer, float[] x, int height, int width)
      throws Exception {
    int plane = height * width;
    float[] ours = Layers.apply(layer, x, height, width, true);
    assertThat(Layers.apply(layer, x, height, width, false)).as(name).isEqualTo(ours);
    float[] theirs = onnxRuntime(layer, x, height, width);
    double ourSquares = 0;
    double theirSquares = 0;
    double ourWorst = 0;
    double theirWorst = 0;
    double largest = 0;
    int step = Math.max(1, plane / PIXELS);
    int in = layer.inChannels();
    float[] w = layer.weights();
    double[] pixel = new double[in];
    long count = 0;
    for (int p = 0; p < plane; p += step) {
      for (int k = 0; k < in; k++) {
        pixel[k] = x[k * plane + p];
      }
      for (int o = 0; o < layer.outChannels(); o++) {
        double exact = layer.bias(o);
        for (int k = 0; k < in; k++) {
          exact += pixel[k] * w[o * in + k];
        }
        double ourError = ours[o * plane + p] - exact;
        double theirError = theirs[o * plane + p] - exact;
        ourSquares += ourError * ourError;
        theirSquares += theirError * theirError;
        ourWorst = Math.max(ourWorst, Math.abs(ourError));
        theirWorst = Math.max(theirWorst, Math.abs(theirError));
        largest = Math.max(largest, Math.abs(exact));
        count++;
      }
    }
    assertThat(Math.sqrt(ourSquares / count))
        .as("RMS error of %s, %d → %d", name, in, layer.outChannels())
        .isLessThanOrEqualTo(RATIO * Math.sqrt(theirSquares / count));
    layers++;
    outputs += count;
    ourLargest = Math.max(ourLargest, ourWorst / largest);
    theirLargest = Math.max(theirLargest, theirWorst / largest);
  }

  private float[] onnxRuntime(PointwiseLayer layer, float[] x, int height, int width)
      throws Exception {
    String model = folder.resolve("layer.onnx").toString();
    WeightsWriter.write(ByteStores.LOCAL, model, layer, Map.of());
    long[] shape = {1, layer.inChannels(), height, width};
    try (OrtSession session = environment.createSession(model);
        OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
        OrtSession.Result result = session.run(Map.of("input", input))) {
      return Layers.floats(result.get(0));
    }
  }
}
