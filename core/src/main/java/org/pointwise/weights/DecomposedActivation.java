package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;

/**
 * An activation that a graph expresses as several nodes, in any order: the nodes that lead from one
 * tensor to another are evaluated in float64 at sample points, and compared with the activations
 * that have no parameters.
 *
 * @param output the tensor that the activation computes
 */
record DecomposedActivation(Activation activation, String output) {
  private static final List<Activation> CANDIDATES =
      List.of(
          Activation.SILU,
          Activation.GELU,
          Activation.GELU_TANH,
          Activation.HARDSWISH,
          Activation.SIGMOID,
          Activation.TANH,
          Activation.SOFTPLUS,
          Activation.RELU,
          Activation.RELU6);

  /** More nodes than the longest form of an activation has. */
  private static final int MAX_NODES = 16;

  /** Constants are float32, so that the nodes differ from the exact function by about 2⁻²⁴. */
  private static final double TOLERANCE = 3e-7;

  private static final double[] POINTS = points();

  private static double[] points() {
    List<Double> points = new ArrayList<>();
    for (int i = 0; i <= 1200; i++) {
      points.add(0.01 * i + 0.0003);
    }
    for (double x = 13; x < 1e30; x *= 1.7) {
      points.add(x);
    }
    return points.stream().flatMap(x -> List.of(x, -x).stream()).mapToDouble(x -> x).toArray();
  }

  /**
   * Returns the first activation that begins at a tensor, if no other node reads that tensor or the
   * tensors between it and the output.
   *
   * @return null where there is none
   */
  static @Nullable DecomposedActivation of(OnnxGraph graph, String tensor) {
    Map<String, double[]> values = new HashMap<>();
    values.put(tensor, POINTS);
    Set<NodeProto> nodes = new HashSet<>();
    for (NodeProto node : graph.nodes()) {
      if (node.getInputList().stream().noneMatch(values::containsKey)) {
        continue;
      }
      double[] result = evaluate(graph, node, values);
      if (result == null || nodes.size() == MAX_NODES) {
        return null;
      }
      nodes.add(node);
      String output = node.getOutput(0);
      Activation match = isClosed(graph, values.keySet(), nodes) ? match(result) : null;
      if (match != null) {
        return new DecomposedActivation(match, output);
      }
      values.put(output, result);
    }
    return null;
  }

  /** Returns whether only {@code nodes} read the tensors. */
  private static boolean isClosed(OnnxGraph graph, Set<String> tensors, Set<NodeProto> nodes) {
    return tensors.stream().allMatch(tensor -> nodes.containsAll(graph.consumers(tensor)));
  }

  private static @Nullable Activation match(double[] values) {
    for (Activation activation : CANDIDATES) {
      boolean same = true;
      for (int i = 0; i < POINTS.length && same; i++) {
        double exact = activation.apply(POINTS[i], 0);
        same = Math.abs(values[i] - exact) <= TOLERANCE * (1 + Math.abs(exact));
      }
      if (same) {
        return activation;
      }
    }
    return null;
  }

  /**
   * Returns the values of a node's output; null where the output is not a function of the one input
   * and stored numbers.
   */
  private static double @Nullable [] evaluate(
      OnnxGraph graph, NodeProto node, Map<String, double[]> values) {
    if (node.getOutputCount() != 1) {
      return null;
    }
    double[] result = new double[POINTS.length];
    double[] first = input(graph, node, 0, values);
    DoubleUnaryOperator unary = unary(graph, node);
    if (unary != null && first != null) {
      Arrays.setAll(result, i -> unary.applyAsDouble(first[i]));
      return result;
    }
    double[] second = input(graph, node, 1, values);
    DoubleBinaryOperator binary = binary(node);
    if (binary != null && first != null && second != null) {
      Arrays.setAll(result, i -> binary.applyAsDouble(first[i], second[i]));
      return result;
    }
    return null;
  }

  private static double @Nullable [] input(
      OnnxGraph graph, NodeProto node, int input, Map<String, double[]> values) {
    if (!OnnxGraph.hasInput(node, input)) {
      return null;
    }
    double[] computed = values.get(node.getInput(input));
    Double stored = computed == null ? graph.scalar(node, input) : null;
    if (stored == null) {
      return computed;
    }
    double[] same = new double[POINTS.length];
    Arrays.fill(same, stored);
    return same;
  }

  private static @Nullable DoubleUnaryOperator unary(OnnxGraph graph, NodeProto node) {
    return switch (node.getOpType()) {
      case "Identity" -> x -> x;
      case "Neg" -> x -> -x;
      case "Exp" -> Math::exp;
      case "Sqrt" -> Math::sqrt;
      case "Reciprocal" -> x -> 1 / x;
      case "Log" -> Math::log;
      case "Erf" -> x -> 2 * Activation.normal(x * Math.sqrt(2)) - 1;
      case "Tanh" -> Math::tanh;
      case "Sigmoid" -> x -> Activation.SIGMOID.apply(x, 0);
      case "Softplus" -> x -> Activation.SOFTPLUS.apply(x, 0);
      case "HardSwish" -> x -> Activation.HARDSWISH.apply(x, 0);
      case "Relu" -> x -> Activation.RELU.apply(x, 0);
      case "Gelu" ->
          OnnxGraph.attribute(node, "approximate", "none").equals("tanh")
              ? x -> Activation.GELU_TANH.apply(x, 0)
              : x -> Activation.GELU.apply(x, 0);
      case "HardSigmoid" -> {
        double alpha = OnnxGraph.attribute(node, "alpha", 0.2f);
        double beta = OnnxGraph.attribute(node, "beta", 0.5f);
        yield x -> Math.max(0, Math.min(1, alpha * x + beta));
      }
      case "Clip" -> clip(graph, node);
      default -> null;
    };
  }

  private static @Nullable DoubleUnaryOperator clip(OnnxGraph graph, NodeProto node) {
    Double min =
        OnnxGraph.hasInput(node, 1)
            ? graph.scalar(node, 1)
            : Double.valueOf(OnnxGraph.attribute(node, "min", -Float.MAX_VALUE));
    Double max =
        OnnxGraph.hasInput(node, 2)
            ? graph.scalar(node, 2)
            : Double.valueOf(OnnxGraph.attribute(node, "max", Float.MAX_VALUE));
    return min == null || max == null ? null : x -> Math.min(Math.max(x, min), max);
  }

  private static @Nullable DoubleBinaryOperator binary(NodeProto node) {
    if (node.getInputCount() != 2) {
      return null;
    }
    return switch (node.getOpType()) {
      case "Add" -> (x, y) -> x + y;
      case "Sub" -> (x, y) -> x - y;
      case "Mul" -> (x, y) -> x * y;
      case "Div" -> (x, y) -> x / y;
      case "Pow" -> Math::pow;
      case "Min" -> Math::min;
      case "Max" -> Math::max;
      default -> null;
    };
  }
}
