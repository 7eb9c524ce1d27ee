package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.Count;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.Bytes;

/**
 * The 1×1 convolutions of an ONNX graph (opsets 1 to 22). The layer of a convolution includes the
 * nodes that follow the convolution as its only consumer and can be folded ({@link OnnxFolding}).
 */
final class OnnxModel {
  private final String where;
  private final OnnxGraph graph;
  private final Map<String, String> metadata = new TreeMap<>();

  private OnnxModel(GraphProto graph, String where) {
    this.where = where;
    this.graph = new OnnxGraph(graph, where);
  }

  /** Returns the file's metadata. */
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

  /**
   * Returns the names (of the node, else of its output) of the 1×1 convolutions, in graph order.
   */
  List<String> pointwiseNames() {
    return graph.nodes().stream().filter(this::isPointwise).map(OnnxGraph::nameOf).toList();
  }

  private boolean isPointwise(NodeProto node) {
    return isConv(node) && unsupportedReason(node) == null;
  }

  private static boolean isConv(NodeProto node) {
    return node.getOpType().equals("Conv")
        && node.getInputCount() >= 2
        && node.getOutputCount() == 1;
  }

  /** Returns why a Conv is not a plain 1×1 convolution of constant weights; null when it is one. */
  private @Nullable String unsupportedReason(NodeProto conv) {
    TensorProto kernel = graph.constant(conv.getInput(1));
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
   * Returns a layer by the name of its Conv node or of that node's output.
   *
   * @param name null when the graph has only one 1×1 convolution
   * @param activation null for the activation that follows in the graph; NONE stops at the Conv and
   *     folds nothing
   */
  NamedLayer layer(@Nullable String name, @Nullable Activation activation) {
    NodeProto conv = find(name);
    String reason = unsupportedReason(conv);
    if (reason != null) {
      throw new InvalidInputException(
          "Cannot use %s#%s as a 1×1 layer: %s; 'weights show' lists the layers that can be used"
              .formatted(where, OnnxGraph.nameOf(conv), reason));
    }
    TensorProto kernel = graph.stored(conv.getInput(1));
    float[] weights = graph.values(kernel);
    if (weights.length == 0) {
      throw new CorruptDataException(
          "Cannot use %s#%s: its kernel has no weights".formatted(where, OnnxGraph.nameOf(conv)));
    }
    float[] bias = new float[(int) kernel.getDims(0)];
    if (OnnxGraph.hasInput(conv, 2)) {
      bias = graph.values(graph.stored(conv.getInput(2)));
    }
    if (bias.length != kernel.getDims(0)) {
      throw new CorruptDataException(
          "Cannot use %s#%s: its bias has %s but its kernel has %s; restore the file"
              .formatted(
                  where,
                  OnnxGraph.nameOf(conv),
                  Count.of(bias.length, "number"),
                  Count.of(kernel.getDims(0), "output")));
    }
    String source = where + "#" + OnnxGraph.nameOf(conv);
    if (activation == Activation.NONE) {
      return new NamedLayer(
          OnnxGraph.nameOf(conv), PointwiseLayer.of(weights, bias, activation), source, "");
    }
    OnnxFolding tail =
        OnnxFolding.follow(graph, conv.getOutput(0), bias.length, activation == null);
    PointwiseLayer layer = tail.applyTo(weights, bias);
    String note = String.join(", ", tail.notes());
    return activation == null
        ? new NamedLayer(OnnxGraph.nameOf(conv), layer, source, note, tail.ends())
        : new NamedLayer(OnnxGraph.nameOf(conv), layer.withActivation(activation), source, note);
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
    for (NodeProto node : graph.nodes()) {
      if (isConv(node) && (node.getName().equals(name) || node.getOutput(0).equals(name))) {
        return node;
      }
    }
    throw new InvalidInputException(
        "Cannot find a Conv named '%s' in %s: no node or output has that name ('weights show' lists them)"
            .formatted(name, where));
  }
}
