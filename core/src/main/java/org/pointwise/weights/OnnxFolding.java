package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;

/**
 * The nodes that follow a Conv and are folded into its layer: a scale and an offset of each output,
 * from any number of BatchNormalization, Mul, Add, Sub and Div by stored numbers, then one
 * activation. Confined to one thread.
 */
final class OnnxFolding {
  private final OnnxGraph graph;
  private final double[] scale;
  private final double[] offset;
  private final List<String> notes = new ArrayList<>();
  private String tensor;
  private Activation activation = Activation.NONE;

  private OnnxFolding(OnnxGraph graph, String tensor, int channels) {
    this.graph = graph;
    this.tensor = tensor;
    this.scale = new double[channels];
    this.offset = new double[channels];
    Arrays.fill(scale, 1);
  }

  /**
   * Follows the graph from a Conv.
   *
   * @param tensor the Conv's output
   * @param activated whether to fold an activation, too
   */
  static OnnxFolding follow(OnnxGraph graph, String tensor, int channels, boolean activated) {
    OnnxFolding tail = new OnnxFolding(graph, tensor, channels);
    tail.skip();
    while (tail.folds()) {
      tail.skip();
    }
    if (activated) {
      tail.activate();
      tail.skip();
    }
    return tail;
  }

  /** Returns the layer with scale, offset and activation; the products are computed in float64. */
  PointwiseLayer applyTo(float[] weights, float[] bias) {
    float[] scaled = new float[weights.length];
    float[] moved = new float[bias.length];
    int in = weights.length / bias.length;
    for (int i = 0; i < weights.length; i++) {
      scaled[i] = (float) (weights[i] * scale[i / in]);
    }
    for (int o = 0; o < bias.length; o++) {
      moved[o] = (float) (bias[o] * scale[o] + offset[o]);
    }
    return PointwiseLayer.of(scaled, moved, activation);
  }

  /** Returns what was folded or recognised, as texts for the user. */
  List<String> notes() {
    return notes;
  }

  /** Returns the nodes before which the layer ends; empty where no node follows. */
  String ends() {
    List<String> names = graph.consumers(tensor).stream().map(OnnxGraph::title).toList();
    return String.join(" and ", names);
  }

  /** Skips nodes that have no effect at inference. */
  private void skip() {
    NodeProto next = graph.onlyConsumer(tensor);
    while (next != null && isIdentity(next)) {
      tensor = next.getOutput(0);
      next = graph.onlyConsumer(tensor);
    }
  }

  private boolean isIdentity(NodeProto node) {
    return switch (node.getOpType()) {
      case "Identity" -> true;
      case "Dropout" -> !OnnxGraph.hasInput(node, 2) && node.getOutputCount() == 1;
      default -> false;
    };
  }

  /** Folds the next node if it is a scale or an offset, and returns whether it was. */
  private boolean folds() {
    NodeProto next = graph.onlyConsumer(tensor);
    if (next == null) {
      return false;
    }
    boolean folded = next.getOpType().equals("BatchNormalization") ? normalise(next) : affine(next);
    if (folded) {
      notes.add(next.getOpType() + " folded");
      tensor = next.getOutput(0);
    }
    return folded;
  }

  /**
   * Folds {@code gamma · (y − mean) / √(variance + epsilon) + beta} per output channel (Ioffe and
   * Szegedy 2015).
   */
  private boolean normalise(NodeProto node) {
    if (node.getInputCount() < 5) {
      throw new CorruptDataException(
          "Cannot use %s: BatchNormalization '%s' has %d inputs but needs 5"
              .formatted(graph.where(), node.getName(), node.getInputCount()));
    }
    if (!node.getInput(0).equals(tensor) || OnnxGraph.attribute(node, "training_mode", 0) != 0) {
      return false;
    }
    double epsilon = OnnxGraph.attribute(node, "epsilon", 1e-5f);
    float[] gamma = ofChannels(node, 1);
    float[] beta = ofChannels(node, 2);
    float[] mean = ofChannels(node, 3);
    float[] variance = ofChannels(node, 4);
    if (gamma == null || beta == null || mean == null || variance == null) {
      return false;
    }
    for (int o = 0; o < scale.length; o++) {
      double factor = gamma[o] / Math.sqrt(variance[o] + epsilon);
      scale[o] *= factor;
      offset[o] = (offset[o] - mean[o]) * factor + beta[o];
    }
    return true;
  }

  /**
   * Returns a stored input of one number per channel; null if it is computed or of another size.
   */
  private float @Nullable [] ofChannels(NodeProto node, int input) {
    TensorProto stored = graph.constant(node.getInput(input));
    float[] values = stored == null ? null : graph.values(stored);
    return values == null || values.length != scale.length ? null : values;
  }

  private boolean affine(NodeProto node) {
    if (node.getInputCount() != 2) {
      return false;
    }
    boolean second = node.getInput(1).equals(tensor);
    TensorProto other = graph.constant(node.getInput(second ? 0 : 1));
    float[] c = other == null ? null : byChannel(other);
    if (c == null) {
      return false;
    }
    double[] factors = new double[c.length];
    double[] terms = new double[c.length];
    for (int o = 0; o < c.length; o++) {
      factors[o] = factor(node.getOpType(), second, c[o]);
      terms[o] = term(node.getOpType(), second, c[o]);
      if (!Double.isFinite(factors[o]) || !Double.isFinite(terms[o])) {
        return false;
      }
    }
    for (int o = 0; o < c.length; o++) {
      scale[o] *= factors[o];
      offset[o] = offset[o] * factors[o] + terms[o];
    }
    return true;
  }

  /** Returns the factor of y; NaN where the operator is not supported. */
  private static double factor(String operator, boolean second, double c) {
    return switch (operator) {
      case "Mul" -> c;
      case "Add" -> 1;
      case "Sub" -> second ? -1 : 1;
      case "Div" -> second ? Double.NaN : 1 / c;
      default -> Double.NaN;
    };
  }

  /** Returns the term that is added after the multiplication. */
  private static double term(String operator, boolean second, double c) {
    return switch (operator) {
      case "Add" -> c;
      case "Sub" -> second ? c : -c;
      default -> 0;
    };
  }

  /**
   * Returns one number per channel if a stored tensor broadcasts over (N, C, H, W) by channel; else
   * null.
   */
  private float @Nullable [] byChannel(TensorProto constant) {
    long[] shape = OnnxTensors.shape(constant);
    long count = OnnxTensors.count(constant);
    boolean one = count == 1 && shape.length <= 4;
    boolean each =
        count == scale.length
            && (shape.length == 3 || shape.length == 4)
            && shape[shape.length - 3] == scale.length;
    if (!one && !each) {
      return null;
    }
    float[] values = graph.values(constant);
    if (each) {
      return values;
    }
    float[] all = new float[scale.length];
    Arrays.fill(all, values[0]);
    return all;
  }

  private void activate() {
    NodeProto next = graph.onlyConsumer(tensor);
    Activation folded = next == null ? null : ofNode(next);
    String end = next == null ? tensor : next.getOutput(0);
    if (folded == null) {
      DecomposedActivation function = DecomposedActivation.of(graph, tensor);
      if (function == null) {
        return;
      }
      folded = function.activation();
      end = function.output();
    }
    activation = folded;
    tensor = end;
    if (!folded.equals(Activation.NONE)) {
      notes.add(folded + " taken from the graph");
    }
  }

  /**
   * Returns the activation that a node computes; null where it is not supported or its parameters
   * are computed by the graph.
   */
  private @Nullable Activation ofNode(NodeProto node) {
    if (!node.getInput(0).equals(tensor)) {
      return null;
    }
    try {
      return switch (node.getOpType()) {
        case "Relu" -> Activation.RELU;
        case "LeakyRelu" -> Activation.leakyRelu(OnnxGraph.attribute(node, "alpha", 0.01f));
        case "Elu" -> Activation.elu(OnnxGraph.attribute(node, "alpha", 1f));
        case "HardSigmoid" ->
            Activation.hardSigmoid(
                OnnxGraph.attribute(node, "alpha", 0.2f), OnnxGraph.attribute(node, "beta", 0.5f));
        case "Clip" -> clip(node);
        case "PRelu" -> prelu(node);
        default -> null;
      };
    } catch (IllegalArgumentException e) {
      return null; // unsupported parameters: the layer ends before this node
    }
  }

  private @Nullable Activation prelu(NodeProto node) {
    TensorProto slope = OnnxGraph.hasInput(node, 1) ? graph.constant(node.getInput(1)) : null;
    float[] slopes = slope == null ? null : byChannel(slope);
    if (slope == null || slopes == null) {
      return null;
    }
    return OnnxTensors.count(slope) == 1
        ? Activation.leakyRelu(slopes[0])
        : Activation.prelu(slopes);
  }

  /** Bounds are attributes up to opset 6, inputs from opset 11. */
  private @Nullable Activation clip(NodeProto node) {
    Double min = bound(node, 1, "min", -Float.MAX_VALUE);
    Double max = bound(node, 2, "max", Float.MAX_VALUE);
    if (min == null || max == null) {
      return null;
    }
    return Activation.clip(
        min <= -Float.MAX_VALUE ? Float.NEGATIVE_INFINITY : min.floatValue(),
        max >= Float.MAX_VALUE ? Float.POSITIVE_INFINITY : max.floatValue());
  }

  private @Nullable Double bound(NodeProto node, int input, String attribute, float defaultValue) {
    return OnnxGraph.hasInput(node, input)
        ? graph.scalar(node, input)
        : Double.valueOf(OnnxGraph.attribute(node, attribute, defaultValue));
  }
}
