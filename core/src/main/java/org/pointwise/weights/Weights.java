package org.pointwise.weights;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.npy.NpyArray;
import org.pointwise.weights.WeightsRef.FileFormat;

/** Reads layers from files. */
public final class Weights {
  /** The metadata entry of safetensors files that contains the activation. */
  static final String ACTIVATION = "activation";

  /** The tensor of safetensors files that contains the slopes of {@code prelu}. */
  static final String SLOPES = "prelu.slopes";

  /** The name of the companion that maps a layer's outputs back to its inputs. */
  public static final String DECODER = "decoder";

  /**
   * The name of the companion that was trained after a layer to predict labels from its outputs.
   */
  public static final String HEAD = "head";

  /**
   * The ending of the metadata entry of a companion's own file that contains the SHA-256 of its
   * layer, such as {@code decoderOf}.
   */
  static final String OF = "Of";

  private Weights() {}

  /**
   * Reads a layer that was written as a companion of another.
   *
   * @param name {@link #DECODER} or {@link #HEAD}
   * @return null where the file has no such companion
   */
  public static @Nullable PointwiseLayer companion(ByteStores stores, WeightsRef layer, String name)
      throws IOException {
    WeightsRef companionRef = companionRef(stores, layer, name);
    return companionRef == null ? null : read(stores, companionRef, 0).layer();
  }

  /** Finds a layer that was written as a companion of another; returns null if there is none. */
  static @Nullable WeightsRef companionRef(ByteStores stores, WeightsRef layer, String name)
      throws IOException {
    if (layer.format() == FileFormat.SAFETENSORS) {
      WeightsRef tensor = new WeightsRef(layer.uri(), name + ".weight", null, null, null);
      return hasTensor(stores, tensor) ? tensor : null;
    }
    ByteStore store = stores.open(ByteStores.parent(layer.uri()));
    int ending = layer.uri().lastIndexOf('.');
    String uri = layer.uri().substring(0, ending) + "." + name + layer.uri().substring(ending);
    return store.size(ByteStores.name(uri)) < 0
        ? null
        : new WeightsRef(uri, null, null, null, null);
  }

  /** Returns whether a safetensors file has a tensor. */
  static boolean hasTensor(ByteStores stores, WeightsRef tensor) throws IOException {
    ByteStore store = stores.open(ByteStores.parent(tensor.uri()));
    return Safetensors.open(store, ByteStores.name(tensor.uri()))
        .tensors()
        .containsKey(tensor.name());
  }

  /** Returns the metadata of a safetensors or ONNX file; empty for npy. */
  public static Map<String, String> metadata(ByteStores stores, WeightsRef layer)
      throws IOException {
    ByteStore store = stores.open(ByteStores.parent(layer.uri()));
    String key = ByteStores.name(layer.uri());
    return switch (layer.format()) {
      case SAFETENSORS -> Safetensors.open(store, key).metadata();
      case ONNX -> OnnxModel.open(store, key).metadata();
      case NPY -> Map.of();
    };
  }

  /**
   * Reads one layer. The bias of {@code NAME.npy} is {@code NAME.bias.npy} beside it, if that file
   * exists and no other bias is named.
   *
   * @param inChannels channels of the input that the layer must match; 0 without an input
   * @throws InvalidInputException when the layer is missing, damaged, ambiguous or does not match
   * @throws OtherChannelsException when the layer reads another number of channels
   */
  public static NamedLayer read(ByteStores stores, WeightsRef ref, int inChannels)
      throws IOException {
    ByteStore store = stores.open(ByteStores.parent(ref.uri()));
    String key = ByteStores.name(ref.uri());
    if (ref.bias() != null && ref.format() != FileFormat.NPY) {
      throw new InvalidInputException(
          "Cannot use bias %s: weights %s contain their own bias, but --bias needs .npy weights; leave it out or convert the weights to .npy"
              .formatted(ref.bias(), ref));
    }
    NamedLayer named;
    try {
      named =
          switch (ref.format()) {
            case NPY -> npy(stores, store, key, ref, inChannels);
            case SAFETENSORS -> safetensors(store, key, ref, inChannels);
            case ONNX -> OnnxModel.open(store, key).layer(ref.name(), ref.activation());
          };
    } catch (ByteStore.TruncatedException e) {
      throw new CorruptDataException(
          "Cannot read weights %s: it is truncated (%s); restore the file"
              .formatted(ref, e.getMessage()),
          e);
    } catch (IOException e) {
      throw unreadable(ref.toString(), e);
    }
    int found = named.layer().inChannels();
    if (inChannels != 0 && found != inChannels) {
      throw new OtherChannelsException(ref.toString(), "it", found, inChannels);
    }
    return named;
  }

  private static NamedLayer npy(
      ByteStores stores, ByteStore store, String key, WeightsRef ref, int inChannels)
      throws IOException {
    NpyArray kernel = NpyArray.read(store, key);
    float[] matrix =
        KernelShapes.matrix(
            kernel.values(), kernel.shape(), inChannels, false, ref.kernelLayout(), ref.uri());
    int in = inChannels != 0 ? inChannels : inChannels(kernel.shape(), ref);
    float[] bias = new float[matrix.length / in];
    String name = key.substring(0, key.length() - ".npy".length());
    String beside = name + ".bias.npy"; // as WeightsWriter stores it
    String biasUri = ref.bias();
    if (biasUri == null && store.size(beside) >= 0) {
      biasUri = ByteStore.join(ByteStores.parent(ref.uri()), beside);
    }
    if (biasUri != null) {
      bias =
          NpyArray.read(stores.open(ByteStores.parent(biasUri)), ByteStores.name(biasUri)).values();
      requireBias(bias.length, matrix.length / in, biasUri);
    }
    return new NamedLayer(
        name,
        PointwiseLayer.of(matrix, bias, orNone(ref.activation())),
        ref.uri(),
        biasUri == null || ref.bias() != null ? "" : "bias from " + beside);
  }

  private static int inChannels(long[] shape, WeightsRef ref) {
    return (int)
        (ref.kernelLayout() == WeightsRef.KernelLayout.IO && shape.length == 2
            ? shape[0]
            : KernelShapes.channels(shape)[1]);
  }

  private static void requireBias(int length, int needed, String where) {
    if (length != needed) {
      throw new InvalidInputException(
          "Cannot use bias %s: its length is %d but the number of outputs of the layer is %d"
              .formatted(where, length, needed));
    }
  }

  private static Activation orNone(@Nullable Activation activation) {
    return activation == null ? Activation.NONE : activation;
  }

  private static NamedLayer safetensors(ByteStore store, String key, WeightsRef ref, int inChannels)
      throws IOException {
    Safetensors file = Safetensors.open(store, key);
    String name = ref.name() == null ? onlyKernel(file, ref) : tensorName(file, ref.name(), key);
    Safetensors.Tensor tensor = file.tensors().get(name);
    if (tensor == null) {
      throw new InvalidInputException(
          "Cannot find tensor '%s' in %s: it has %s"
              .formatted(name, ref.uri(), String.join(", ", file.tensors().keySet())));
    }
    float[] matrix =
        KernelShapes.matrix(
            file.values(name),
            tensor.shape(),
            inChannels,
            true,
            ref.kernelLayout(),
            ref.toString());
    int out = matrix.length / (inChannels != 0 ? inChannels : inChannels(tensor.shape(), ref));
    float[] bias = new float[out];
    String biasName = sibling(name, "bias");
    boolean hasBias =
        biasName != null && Objects.requireNonNull(file).tensors().containsKey(biasName);
    if (hasBias) {
      bias = file.values(Objects.requireNonNull(biasName));
      requireBias(bias.length, out, ref.uri() + "#" + biasName);
    }
    return new NamedLayer(
        shortName(name, key),
        PointwiseLayer.of(matrix, bias, recorded(file, ref, name)),
        ref.uri() + "#" + name,
        hasBias ? "" : "no bias");
  }

  /** Returns the tensor of a name, which may be the short name that {@link #list} returns. */
  private static String tensorName(Safetensors file, String name, String key) {
    boolean isShort = !file.tensors().containsKey(name) && name.equals(shortName("weight", key));
    return isShort ? "weight" : name;
  }

  private static Activation recorded(Safetensors file, WeightsRef ref, String tensor)
      throws IOException {
    String name = ref.name();
    boolean companion =
        name != null && (name.startsWith(DECODER + ".") || name.startsWith(HEAD + "."));
    String recorded = companion ? null : file.recorded(ACTIVATION); // companions have no activation
    if (ref.activation() != null || recorded == null) {
      return orNone(ref.activation());
    }
    String slopes = sibling(tensor, SLOPES);
    try {
      return slopes != null && file.tensors().containsKey(slopes)
          ? Activation.parse(recorded, file.values(slopes))
          : Activation.parse(recorded);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "Cannot read weights %s: its activation '%s' cannot be used: %s; give --activation"
              .formatted(ref, recorded, e.getMessage()),
          e);
    }
  }

  private static String shortName(String tensor, String key) {
    return tensor.equals("weight") ? key.substring(0, key.lastIndexOf('.')) : tensor;
  }

  /**
   * Returns the name of a tensor that belongs to a kernel by the convention of PyTorch; null where
   * the kernel's name does not follow it.
   */
  private static @Nullable String sibling(String weight, String other) {
    return weight.endsWith("weight")
        ? weight.substring(0, weight.length() - "weight".length()) + other
        : null;
  }

  private static String onlyKernel(Safetensors file, WeightsRef ref) {
    List<String> names = file.kernels();
    if (names.contains("weight")) {
      return "weight";
    }
    if (names.size() != 1) {
      throw new InvalidInputException(
          "Cannot choose a tensor of %s: %s can be 1×1 kernels; name one as %s#TENSOR"
              .formatted(
                  ref.uri(), names.isEmpty() ? "none" : String.join(", ", names), ref.uri()));
    }
    return names.get(0);
  }

  static InvalidInputException unreadable(String where, IOException e) {
    String reason = e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    return new InvalidInputException(
        "Cannot read weights %s: %s; check the path and its permissions".formatted(where, reason),
        e);
  }

  /** Reads all usable layers of a file, in its order. */
  public static List<NamedLayer> list(ByteStores stores, String uri) throws IOException {
    try {
      return listAll(stores, uri);
    } catch (IOException e) {
      throw unreadable(uri, e);
    }
  }

  private static List<NamedLayer> listAll(ByteStores stores, String uri) throws IOException {
    ByteStore store = stores.open(ByteStores.parent(uri));
    String key = ByteStores.name(uri);
    List<NamedLayer> layers = new ArrayList<>();
    switch (FileFormat.of(uri)) {
      case ONNX -> {
        OnnxModel model = OnnxModel.open(store, key);
        model.pointwiseNames().forEach(name -> layers.add(model.layer(name, null)));
      }
      case SAFETENSORS -> {
        for (String name : Safetensors.open(store, key).kernels()) {
          layers.add(read(stores, new WeightsRef(uri, name, null, null, null), 0));
        }
      }
      case NPY -> layers.add(read(stores, new WeightsRef(uri, null, null, null, null), 0));
    }
    return layers;
  }
}
