package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;

/** A graph's nodes, the tensors stored in it, and who reads what. */
final class OnnxGraph {
  private final String where;
  private final List<NodeProto> nodes;
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, List<NodeProto>> consumers = new HashMap<>();

  /**
   * @throws CorruptDataException where a node has no output
   */
  OnnxGraph(GraphProto graph, String where) {
    this.where = where;
    this.nodes = graph.getNodeList();
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (NodeProto node : nodes) {
      if (node.getOutputCount() == 0) {
        throw new CorruptDataException(
            "Cannot read weights %s: its node '%s' (%s) has no output; restore the file"
                .formatted(where, node.getName(), node.getOpType()));
      }
      if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
        node.getAttributeList().forEach(value -> keep(node.getOutput(0), value));
      }
      for (String input : node.getInputList()) {
        List<NodeProto> readers = consumers.computeIfAbsent(input, name -> new ArrayList<>());
        if (!readers.contains(node)) {
          readers.add(node);
        }
      }
    }
  }

  private void keep(String name, AttributeProto value) {
    switch (value.getName()) {
      case "value" -> constants.put(name, value.getT());
      case "value_float" -> constants.put(name, floats().addFloatData(value.getF()).build());
      case "value_floats" ->
          constants.put(
              name,
              floats()
                  .addDims(value.getFloatsCount())
                  .addAllFloatData(value.getFloatsList())
                  .build());
      default -> {} // of another type
    }
  }

  private static TensorProto.Builder floats() {
    return TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT_VALUE);
  }

  /** The file, for messages. */
  String where() {
    return where;
  }

  /** In an order in which they can be computed. */
  List<NodeProto> nodes() {
    return nodes;
  }

  /** A node and what it is, for people. */
  static String title(NodeProto node) {
    return "%s '%s'".formatted(node.getOpType(), nameOf(node));
  }

  /** A node's name, else its output's. */
  static String nameOf(NodeProto node) {
    return node.getName().isEmpty() && node.getOutputCount() > 0
        ? node.getOutput(0)
        : node.getName();
  }

  /** Nodes that read a tensor. */
  List<NodeProto> consumers(String tensor) {
    return consumers.getOrDefault(tensor, List.of());
  }

  @Nullable NodeProto onlyConsumer(String tensor) {
    List<NodeProto> found = consumers(tensor);
    return found.size() == 1 ? found.get(0) : null;
  }

  /** A stored tensor; null where the graph computes it. */
  @Nullable TensorProto constant(String name) {
    return constants.get(name);
  }

  /** A tensor that must be stored. */
  TensorProto stored(String name) {
    TensorProto tensor = constants.get(name);
    if (tensor == null) {
      throw new InvalidInputException(
          "Cannot use %s: '%s' is computed by the graph but must be stored in it"
              .formatted(where, name));
    }
    return tensor;
  }

  float[] values(TensorProto tensor) {
    return OnnxTensors.values(tensor, where);
  }

  /** Whether a node has an input that is not left out. */
  static boolean hasInput(NodeProto node, int input) {
    return node.getInputCount() > input && !node.getInput(input).isEmpty();
  }

  /** The one number of a stored input; null where it is computed or has more. */
  @Nullable Double scalar(NodeProto node, int input) {
    TensorProto tensor = constants.get(node.getInput(input));
    if (tensor == null || OnnxTensors.count(tensor) != 1) {
      return null;
    }
    return (double) values(tensor)[0];
  }

  /** A number among a node's attributes. */
  static float attribute(NodeProto node, String name, float otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getF();
      }
    }
    return otherwise;
  }

  /** A text among a node's attributes. */
  static String attribute(NodeProto node, String name, String otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getS().toStringUtf8();
      }
    }
    return otherwise;
  }

  /** An integer among a node's attributes. */
  static long attribute(NodeProto node, String name, long otherwise) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getI();
      }
    }
    return otherwise;
  }
}
