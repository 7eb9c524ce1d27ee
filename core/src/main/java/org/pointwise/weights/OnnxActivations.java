package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Objects;
import org.pointwise.conv.Activation;

/** Writes activations as nodes of operators that opset 13 contains. */
final class OnnxActivations {
  /** The tensor that the nodes read. */
  static final String INPUT = "sum";

  private static final String OUTPUT = "output";

  private final GraphProto.Builder graph;
  private int constants;

  private OnnxActivations(GraphProto.Builder graph) {
    this.graph = graph;
  }

  /** Adds the nodes from {@link #INPUT} to {@code output}; no node without an activation. */
  static void add(GraphProto.Builder graph, Activation activation) {
    new OnnxActivations(graph).add(activation);
  }

  private void add(Activation activation) {
    List<String> words = List.of(activation.toString().split(":"));
    switch (words.get(0)) {
      case "none" -> {}
      case "relu" -> node("Relu", OUTPUT, INPUT);
      case "relu6" -> node("Clip", OUTPUT, INPUT, constant(0), constant(6));
      case "clip" -> node("Clip", OUTPUT, INPUT, bound(words.get(1)), bound(words.get(2)));
      case "leakyrelu" ->
          node("LeakyRelu", OUTPUT, INPUT).addAttribute(number("alpha", words.get(1)));
      case "elu" -> node("Elu", OUTPUT, INPUT).addAttribute(number("alpha", words.get(1)));
      case "hardsigmoid" ->
          node("HardSigmoid", OUTPUT, INPUT)
              .addAttribute(number("alpha", words.get(1)))
              .addAttribute(number("beta", words.get(2)));
      case "prelu" -> {
        float[] slopes = Objects.requireNonNull(activation.slopes());
        graph.addInitializer(WeightsWriter.tensor("slopes", slopes, slopes.length, 1, 1));
        node("PRelu", OUTPUT, INPUT, "slopes");
      }
      case "sigmoid" -> node("Sigmoid", OUTPUT, INPUT);
      case "tanh" -> node("Tanh", OUTPUT, INPUT);
      case "softplus" -> node("Softplus", OUTPUT, INPUT);
      case "hardswish" -> {
        node("HardSigmoid", "gate", INPUT)
            .addAttribute(number("alpha", String.valueOf(1 / 6f)))
            .addAttribute(number("beta", "0.5"));
        node("Mul", OUTPUT, INPUT, "gate");
      }
      case "silu" -> {
        node("Sigmoid", "gate", INPUT);
        node("Mul", OUTPUT, INPUT, "gate");
      }
      case "gelu" -> {
        node("Mul", "scaled", INPUT, constant(Math.sqrt(0.5)));
        node("Erf", "erf", "scaled");
        gate("erf");
      }
      case "gelu_tanh" -> {
        node("Mul", "square", INPUT, INPUT);
        node("Mul", "cube", "square", INPUT);
        node("Mul", "bent", "cube", constant(0.044715));
        node("Add", "inner", INPUT, "bent");
        node("Mul", "scaled", "inner", constant(Math.sqrt(2 / Math.PI)));
        node("Tanh", "tanh", "scaled");
        gate("tanh");
      }
      default -> throw new IllegalArgumentException(activation.toString());
    }
  }

  /** Adds y · (1 + g) / 2. */
  private void gate(String g) {
    node("Add", "gate", g, constant(1));
    node("Mul", "twice", INPUT, "gate");
    node("Mul", OUTPUT, "twice", constant(0.5));
  }

  private NodeProto.Builder node(String operator, String output, String... inputs) {
    return graph
        .addNodeBuilder()
        .setName("activation_" + output)
        .setOpType(operator)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  /** Returns the name of a constant; empty for an infinite bound. */
  private String bound(String word) {
    return word.endsWith("inf") ? "" : constant(Float.parseFloat(word));
  }

  private String constant(double value) {
    String name = "constant_" + constants++;
    graph.addInitializer(WeightsWriter.tensor(name, new float[] {(float) value}));
    return name;
  }

  private static AttributeProto.Builder number(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(Float.parseFloat(value));
  }
}
