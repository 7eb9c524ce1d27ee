package org.pointwise.weights;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyHeader;
import org.pointwise.tensor.ElementType;
import org.pointwise.weights.WeightsRef.FileFormat;

/** Writes layers to files that other tools can load. */
public final class WeightsWriter {
  private static final int OPSET = 13;
  private static final int IR_VERSION = 7; // of ONNX 1.8, the first with opset 13

  private WeightsWriter() {}

  /**
   * Returns all files that {@link #write} may write or delete for {@code uri}. Companions that
   * {@link #write} does not write belong to another layer; it deletes them.
   */
  public static List<String> files(String uri) {
    return files(uri, List.of(Weights.DECODER, Weights.HEAD));
  }

  private static List<String> files(String uri, Collection<String> companions) {
    FileFormat format = FileFormat.of(uri);
    String stem = uri.substring(0, uri.lastIndexOf('.'));
    String ending = uri.substring(uri.lastIndexOf('.'));
    List<String> files = new ArrayList<>(List.of(uri));
    if (format == FileFormat.NPY) {
      files.add(stem + ".bias.npy");
    }
    for (String companion : format == FileFormat.SAFETENSORS ? List.<String>of() : companions) {
      files.addAll(files(stem + "." + companion + ending, List.of()));
    }
    return files;
  }

  /** Writes a layer without companions. */
  public static List<String> write(
      ByteStores stores, String uri, PointwiseLayer layer, Map<String, String> metadata)
      throws IOException {
    return write(stores, uri, layer, Map.of(), metadata);
  }

  /**
   * Writes a layer in the format that the extension of {@code uri} determines: safetensors with
   * {@code weight} (F′,F,1,1), {@code bias} and the activation in its metadata, which PyTorch loads
   * into {@code Conv2d(F, F′, 1)}, and {@code prelu.slopes} (F′) where the activation has slopes;
   * npy F′×F with the bias in a second file; or an ONNX model of one Conv and its activation over
   * (N,F,H,W).
   *
   * @param companions layers that follow the layer, by name, such as {@code decoder}: {@code
   *     decoder.weight} and {@code decoder.bias} in the same safetensors file; a second file {@code
   *     NAME.decoder.npy} or {@code NAME.decoder.onnx}. Existing companions of another layer are
   *     deleted, because they would be read as those of this layer
   * @param metadata stored in safetensors and ONNX
   * @return the files written
   */
  public static List<String> write(
      ByteStores stores,
      String uri,
      PointwiseLayer layer,
      Map<String, PointwiseLayer> companions,
      Map<String, String> metadata)
      throws IOException {
    List<String> stale = files(uri);
    stale.removeAll(files(uri, companions.keySet()));
    for (String file : stale) {
      stores.open(ByteStores.parent(file)).delete(ByteStores.name(file));
    }
    return writeAll(stores, uri, layer, companions, metadata);
  }

  private static List<String> writeAll(
      ByteStores stores,
      String uri,
      PointwiseLayer layer,
      Map<String, PointwiseLayer> companions,
      Map<String, String> metadata)
      throws IOException {
    ByteStore store = stores.open(ByteStores.parent(uri));
    String key = ByteStores.name(uri);
    String stem = uri.substring(0, uri.lastIndexOf('.'));
    List<String> written = new ArrayList<>();
    if (FileFormat.of(uri) != FileFormat.SAFETENSORS) {
      String ending = uri.substring(uri.lastIndexOf('.'));
      for (Map.Entry<String, PointwiseLayer> other : new TreeMap<>(companions).entrySet()) {
        Map<String, String> own = new TreeMap<>();
        own.put(other.getKey() + Weights.OF, layer.sha256());
        own.put("sha256", other.getValue().sha256());
        String name = stem + "." + other.getKey() + ending;
        written.addAll(writeAll(stores, name, other.getValue(), Map.of(), own));
      }
    }
    switch (FileFormat.of(uri)) {
      case SAFETENSORS -> store.put(key, safetensors(layer, companions, metadata));
      case ONNX -> store.put(key, onnx(layer, metadata));
      case NPY -> {
        String biasUri = stem + ".bias.npy";
        store.put(ByteStores.name(biasUri), npy(layer.bias(), new long[] {layer.outChannels()}));
        written.add(0, biasUri);
        long[] shape = {layer.outChannels(), layer.inChannels()};
        store.put(key, npy(layer.weights(), shape));
      }
    }
    written.add(0, uri); // stored last: its presence means that all files are complete
    return written;
  }

  /** Returns the safetensors file of a layer alone. */
  public static byte[] safetensors(PointwiseLayer layer) {
    return safetensors(layer, Map.of(), Map.of());
  }

  private static byte[] safetensors(
      PointwiseLayer layer, Map<String, PointwiseLayer> companions, Map<String, String> metadata) {
    Map<String, String> recorded = new LinkedHashMap<>(metadata);
    recorded.put(Weights.ACTIVATION, layer.activation().toString());
    List<Safetensors.Named> tensors = new ArrayList<>(tensors("", layer));
    new TreeMap<>(companions).forEach((name, other) -> tensors.addAll(tensors(name + ".", other)));
    return Safetensors.encode(tensors, recorded);
  }

  private static List<Safetensors.Named> tensors(String prefix, PointwiseLayer layer) {
    long[] kernel = {layer.outChannels(), layer.inChannels(), 1, 1};
    List<Safetensors.Named> tensors = new ArrayList<>();
    tensors.add(Safetensors.Named.of(prefix + "bias", layer.bias(), layer.outChannels()));
    float[] slopes = layer.activation().slopes();
    if (slopes != null) {
      tensors.add(Safetensors.Named.of(prefix + Weights.SLOPES, slopes, slopes.length));
    }
    tensors.add(Safetensors.Named.of(prefix + "weight", layer.weights(), kernel));
    return tensors;
  }

  private static byte[] npy(float[] values, long[] shape) {
    byte[] header = NpyHeader.encode(ElementType.FLOAT32, shape);
    ByteBuffer file =
        ByteBuffer.allocate(header.length + 4 * values.length)
            .put(header)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      file.putFloat(value);
    }
    return file.array();
  }

  private static byte[] onnx(PointwiseLayer layer, Map<String, String> metadata) {
    boolean plain = layer.activation().equals(Activation.NONE);
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("pointwise")
            .addInput(tensorInfo("input", layer.inChannels()))
            .addOutput(tensorInfo("output", layer.outChannels()))
            .addInitializer(
                tensor("weight", layer.weights(), layer.outChannels(), layer.inChannels(), 1, 1))
            .addInitializer(tensor("bias", layer.bias(), layer.outChannels()))
            .addNode(
                NodeProto.newBuilder()
                    .setName("conv")
                    .setOpType("Conv")
                    .addInput("input")
                    .addInput("weight")
                    .addInput("bias")
                    .addOutput(plain ? "output" : OnnxActivations.INPUT)
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("kernel_shape")
                            .setType(AttributeProto.AttributeType.INTS)
                            .addInts(1)
                            .addInts(1)));
    OnnxActivations.add(graph, layer.activation());
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("pointwise")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph);
    metadata.forEach((name, value) -> model.addMetadataPropsBuilder().setKey(name).setValue(value));
    return model.build().toByteArray();
  }

  static TensorProto.Builder tensor(String name, float[] values, long... shape) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setRawData(ByteString.copyFrom(raw.array()));
    for (long length : shape) {
      tensor.addDims(length);
    }
    return tensor;
  }

  private static ValueInfoProto tensorInfo(String name, int channels) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("n");
    shape.addDimBuilder().setDimValue(channels);
    shape.addDimBuilder().setDimParam("y");
    shape.addDimBuilder().setDimParam("x");
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
