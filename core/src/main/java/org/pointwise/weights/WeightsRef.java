package org.pointwise.weights;

import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;

/**
 * Where a layer is and how to read it.
 *
 * @param uri of the file
 * @param name of a tensor, a Conv node or its output; null where the file holds one layer only
 * @param bias a second npy file; null for none
 * @param activation null: the one the file records
 * @param kernelLayout how a square matrix in npy is to be read; null to refuse it
 */
public record WeightsRef(
    String uri,
    @Nullable String name,
    @Nullable String bias,
    @Nullable Activation activation,
    @Nullable KernelLayout kernelLayout) {

  /** Which dimension of a kernel holds the outputs. */
  public enum KernelLayout {
    /** Outputs first: F′×F, as PyTorch and ONNX. */
    OI,
    /** Inputs first: F×F′, as x·W in NumPy. */
    IO
  }

  /** The file formats of layers. */
  public enum FileFormat {
    SAFETENSORS(".safetensors"),
    NPY(".npy"),
    ONNX(".onnx");

    private final String ending;

    FileFormat(String ending) {
      this.ending = ending;
    }

    /** By the ending of the file's name. */
    public static FileFormat of(String uri) {
      for (FileFormat format : values()) {
        if (uri.endsWith(format.ending)) {
          return format;
        }
      }
      throw new InvalidInputException(
          "Cannot tell what weights %s holds: its name ends in none of .safetensors, .npy and .onnx; rename it or convert it"
              .formatted(uri));
    }
  }

  /** Parses {@code FILE} or {@code FILE#NAME}, all else as the file says. */
  public static WeightsRef parse(String text) {
    return parse(text, null, null, null);
  }

  /** Parses {@code FILE} or {@code FILE#NAME}. */
  public static WeightsRef parse(
      String text,
      @Nullable String bias,
      @Nullable Activation activation,
      @Nullable KernelLayout layout) {
    int hash = text.indexOf('#');
    String file = hash < 0 ? text : text.substring(0, hash);
    return new WeightsRef(
        ByteStores.absolute(file),
        hash < 0 ? null : text.substring(hash + 1),
        bias == null ? null : ByteStores.absolute(bias),
        activation,
        layout);
  }

  public FileFormat format() {
    return FileFormat.of(uri);
  }

  /** As the user wrote it, but absolute. */
  @Override
  public String toString() {
    return name == null ? uri : uri + "#" + name;
  }
}
