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

/** The nodes of a graph, its stored tensors, and the nodes that read each tensor. */
final class OnnxGraph {
  private final String where;
  private final List<NodeProto> nodes;
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, List<NodeProto>> consumers = new HashMap<>();

  /**
   * @throws CorruptDataException when a node has no output
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
      default -> {} // values of other types
    }
  }

  private static TensorProto.Builder floats() {
    return TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT_VALUE);
  }

  /** Returns the file, for messages. */
  String where() {
    return where;
  }

  /** Returns the nodes in topological order. */
  List<NodeProto> nodes() {
    return nodes;
  }

  /** Returns the operator and the name of a node, for messages. */
  static String title(NodeProto node) {
    return "%s '%s'".formatted(node.getOpType(), nameOf(node));
  }

  /** Returns the name of a node, else that of its output. */
  static String nameOf(NodeProto node) {
    return node.getName().isEmpty() && node.getOutputCount() > 0
        ? node.getOutput(0)
        : node.getName();
  }

  /** Returns the nodes that read a tensor. */
  List<NodeProto> consumers(String tensor) {
    return consumers.getOrDefault(tensor, List.of());
  }

  @Nullable NodeProto onlyConsumer(String tensor) {
    List<NodeProto> all = consumers(tensor);
    return all.size() == 1 ? all.get(0) : null;
  }

  /** Returns a stored tensor; null where the graph computes it. */
  @Nullable TensorProto constant(String name) {
    return constants.get(name);
  }

  /** Returns a tensor that must be stored. */
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

  /** Returns whether a node has an input and does not omit it. */
  static boolean hasInput(NodeProto node, int input) {
    return node.getInputCount() > input && !node.getInput(input).isEmpty();
  }

  /**
   * Returns the only number of a stored input; null where it is computed or has several numbers.
   */
  @Nullable Double scalar(NodeProto node, int input) {
    TensorProto tensor = constants.get(node.getInput(input));
    if (tensor == null || OnnxTensors.count(tensor) != 1) {
      return null;
    }
    return (double) values(tensor)[0];
  }

  /** Returns a float attribute of a node. */
  static float attribute(NodeProto node, String name, float defaultValue) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getF();
      }
    }
    return defaultValue;
  }

  /** Returns a string attribute of a node. */
  static String attribute(NodeProto node, String name, String defaultValue) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getS().toStringUtf8();
      }
    }
    return defaultValue;
  }

  /** Returns an integer attribute of a node. */
  static long attribute(NodeProto node, String name, long defaultValue) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getI();
      }
    }
    return defaultValue;
  }
}
