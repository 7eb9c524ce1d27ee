package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.BatchNorm;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * The 1×1 convolutions of an ONNX graph, with the BatchNormalization and the activation that alone
 * consume their output folded in (operators Conv, BatchNormalization, Relu, Clip of opsets 1 to
 * 22).
 */
final class OnnxModel {
  private final String where;
  private final List<NodeProto> nodes;
  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Map<String, List<NodeProto>> consumers = new HashMap<>();

  private OnnxModel(GraphProto graph, String where) {
    this.where = where;
    this.nodes = graph.getNodeList();
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (NodeProto node : nodes) {
      if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
        node.getAttributeList().stream()
            .filter(attribute -> attribute.getName().equals("value"))
            .forEach(attribute -> constants.put(node.getOutput(0), attribute.getT()));
      }
      for (String input : node.getInputList()) {
        consumers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
      }
    }
  }

  /** What the file records of itself. */
  Map<String, String> metadata() {
    return metadata;
  }

  static OnnxModel open(ByteStore store, String key) throws IOException {
    String where = ByteStore.join(store.uri(), key);
    Bytes bytes = new Bytes();
    if (!store.read(key, bytes, Integer.MAX_VALUE - 8)) {
      throw new InvalidInputException(
          "Cannot read weights %s: there is no such file; check the path".formatted(where));
    }
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes.array(), 0, bytes.length());
      ModelProto model = ModelProto.parseFrom(in);
      if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
        throw new CorruptDataException(
            "Cannot read weights %s: it holds no ONNX graph; check the file".formatted(where));
      }
      OnnxModel opened = new OnnxModel(model.getGraph(), where);
      model
          .getMetadataPropsList()
          .forEach(entry -> opened.metadata.put(entry.getKey(), entry.getValue()));
      return opened;
    } catch (InvalidProtocolBufferException e) {
      throw new CorruptDataException(
          "Cannot read weights %s: it is no whole ONNX model (%s); restore the file"
              .formatted(where, e.getMessage()),
          e);
    }
  }

  /** Names (node, else output) of the 1×1 convolutions, in graph order. */
  List<String> pointwiseNames() {
    return nodes.stream().filter(this::isPointwise).map(OnnxModel::nameOf).toList();
  }

  private static String nameOf(NodeProto conv) {
    return conv.getName().isEmpty() ? conv.getOutput(0) : conv.getName();
  }

  private boolean isPointwise(NodeProto node) {
    return isConv(node) && whyNot(node) == null;
  }

  private static boolean isConv(NodeProto node) {
    return node.getOpType().equals("Conv")
        && node.getInputCount() >= 2
        && node.getOutputCount() == 1;
  }

  /** Why a Conv is not a plain 1×1 convolution of constant weights; null when it is. */
  private @Nullable String whyNot(NodeProto conv) {
    TensorProto kernel = constants.get(conv.getInput(1));
    if (kernel == null) {
      return "its weights are computed by the graph";
    }
    long[] shape = OnnxTensors.shape(kernel);
    if (shape.length != 4 || shape[2] != 1 || shape[3] != 1) {
      return "its kernel is %s".formatted(Arrays.toString(shape));
    }
    for (AttributeProto attribute : conv.getAttributeList()) {
      long plain = attribute.getName().equals("pads") ? 0 : 1;
      boolean checked = List.of("group", "strides", "pads").contains(attribute.getName());
      if (checked
          && (attribute.getName().equals("group")
              ? attribute.getI() != 1
              : attribute.getIntsList().stream().anyMatch(value -> value != plain))) {
        return "its %s is %s"
            .formatted(
                attribute.getName(),
                attribute.getIntsCount() > 0 ? attribute.getIntsList() : attribute.getI());
      }
    }
    return null;
  }

  /**
   * A layer by the name of its Conv node or of that node's output.
   *
   * @param name null when the graph has one 1×1 convolution only
   * @param activation null for what follows in the graph; NONE stops at the Conv and folds nothing
   */
  NamedLayer layer(@Nullable String name, @Nullable Activation activation) {
    NodeProto conv = find(name);
    String whyNot = whyNot(conv);
    if (whyNot != null) {
      throw new InvalidInputException(
          "Cannot use %s#%s as a 1×1 layer: %s; 'weights show' lists the layers that can be used"
              .formatted(where, nameOf(conv), whyNot));
    }
    TensorProto kernel = constant(conv.getInput(1));
    float[] weights = OnnxTensors.values(kernel, where);
    if (weights.length == 0) {
      throw new CorruptDataException(
          "Cannot use %s#%s: its kernel has no weights".formatted(where, nameOf(conv)));
    }
    float[] bias = new float[(int) kernel.getDims(0)];
    if (conv.getInputCount() > 2 && !conv.getInput(2).isEmpty()) {
      bias = OnnxTensors.values(constant(conv.getInput(2)), where);
    }
    PointwiseLayer layer = PointwiseLayer.of(weights, bias, Activation.NONE);
    List<String> folded = new ArrayList<>();
    if (activation != Activation.NONE) {
      layer = fold(conv, layer, activation, folded);
    }
    return new NamedLayer(
        nameOf(conv), layer, where + "#" + nameOf(conv), String.join(", ", folded));
  }

  private PointwiseLayer fold(
      NodeProto conv, PointwiseLayer layer, @Nullable Activation activation, List<String> folded) {
    NodeProto next = onlyConsumer(conv);
    PointwiseLayer result = layer;
    if (next != null && next.getOpType().equals("BatchNormalization")) {
      result = batchNorm(next).foldInto(result);
      folded.add("BatchNormalization folded");
      next = onlyConsumer(next);
    }
    Activation found = next == null ? Activation.NONE : activationOf(next);
    if (activation == null && found != Activation.NONE) {
      folded.add(found + " taken from the graph");
    }
    return result.withActivation(activation == null ? found : activation);
  }

  private NodeProto find(@Nullable String name) {
    if (name == null) {
      List<String> names = pointwiseNames();
      if (names.size() != 1) {
        throw new InvalidInputException(
            "Cannot choose a layer of %s: it has %d 1×1 convolutions; name one as %s#NAME ('weights show' lists them)"
                .formatted(where, names.size(), where));
      }
      return find(names.get(0));
    }
    for (NodeProto node : nodes) {
      if (isConv(node) && (node.getName().equals(name) || node.getOutput(0).equals(name))) {
        return node;
      }
    }
    throw new InvalidInputException(
        "Cannot find a Conv named '%s' in %s: no node or output has that name ('weights show' lists them)"
            .formatted(name, where));
  }

  private TensorProto constant(String name) {
    TensorProto tensor = constants.get(name);
    if (tensor == null) {
      throw new InvalidInputException(
          "Cannot use %s: '%s' is computed by the graph but must be stored in it"
              .formatted(where, name));
    }
    return tensor;
  }

  private @Nullable NodeProto onlyConsumer(NodeProto node) {
    List<NodeProto> found =
        node.getOutputCount() == 0
            ? List.of()
            : consumers.getOrDefault(node.getOutput(0), List.of());
    return found.size() == 1 ? found.get(0) : null;
  }

  private BatchNorm batchNorm(NodeProto node) {
    if (node.getInputCount() < 5) {
      throw new CorruptDataException(
          "Cannot use %s: BatchNormalization '%s' has %d inputs but needs 5"
              .formatted(where, node.getName(), node.getInputCount()));
    }
    double epsilon = 1e-5;
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals("epsilon")) {
        epsilon = attribute.getF();
      }
    }
    return new BatchNorm(
        OnnxTensors.values(constant(node.getInput(1)), where),
        OnnxTensors.values(constant(node.getInput(2)), where),
        OnnxTensors.values(constant(node.getInput(3)), where),
        OnnxTensors.values(constant(node.getInput(4)), where),
        epsilon);
  }

  /** What a node does if it is an activation of ours, else NONE. Clip's bounds: opset 6 or 11. */
  private Activation activationOf(NodeProto node) {
    if (node.getOpType().equals("Relu")) {
      return Activation.RELU;
    }
    if (!node.getOpType().equals("Clip")) {
      return Activation.NONE;
    }
    float least = bound(node, 1, "min", -Float.MAX_VALUE);
    float most = bound(node, 2, "max", Float.MAX_VALUE);
    if (least == 0 && most == 6) {
      return Activation.RELU6;
    }
    return least == 0 && most >= Float.MAX_VALUE ? Activation.RELU : Activation.NONE;
  }

  private float bound(NodeProto clip, int input, String attributeName, float otherwise) {
    if (clip.getInputCount() > input && constants.containsKey(clip.getInput(input))) {
      float[] values = OnnxTensors.values(constant(clip.getInput(input)), where);
      return values.length == 1 ? values[0] : Float.NaN;
    }
    if (clip.getInputCount() > input && !clip.getInput(input).isEmpty()) {
      return Float.NaN; // computed: not an activation of ours
    }
    for (AttributeProto attribute : clip.getAttributeList()) {
      if (attribute.getName().equals(attributeName)) {
        return attribute.getF();
      }
    }
    return otherwise;
  }
}
