package org.pointwise.weights;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.store.ByteStores;

/**
 * The location of a layer and how to read it.
 *
 * @param uri of the file
 * @param name of a tensor, a Conv node or its output; null where the file contains only one layer
 * @param bias a second npy file; null for none
 * @param activation null for the activation that the file records
 * @param kernelLayout the layout of a two-dimensional kernel; null to recognise it and to reject an
 *     ambiguous one
 */
public record WeightsRef(
    String uri,
    @Nullable String name,
    @Nullable String bias,
    @Nullable Activation activation,
    @Nullable KernelLayout kernelLayout) {

  /** The dimension of a kernel that contains the outputs. */
  public enum KernelLayout {
    /** Outputs first: F′×F, as in PyTorch and ONNX. */
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

    /** Returns whether the extension of the file name is that of a format. */
    public static boolean isKnown(String uri) {
      return Arrays.stream(values()).anyMatch(format -> uri.endsWith(format.ending));
    }

    /** Returns the format by the extension of the file name. */
    public static FileFormat of(String uri) {
      for (FileFormat format : values()) {
        if (uri.endsWith(format.ending)) {
          return format;
        }
      }
      throw new InvalidInputException(
          "Cannot determine the format of the weights %s: its name ends in none of .safetensors, .npy and .onnx; rename it or convert it"
              .formatted(uri));
    }
  }

  /**
   * Returns the {@code FILE} of {@code FILE} or {@code FILE#NAME}. It ends in the extension of a
   * format; {@code run#1/w.npy} is a file.
   */
  public static String file(String text) {
    int first = text.indexOf('#');
    for (int sign = first; sign >= 0; sign = text.indexOf('#', sign + 1)) {
      if (FileFormat.isKnown(text.substring(0, sign))) {
        return text.substring(0, sign);
      }
    }
    return first < 0 || FileFormat.isKnown(text) ? text : text.substring(0, first);
  }

  /** Parses {@code FILE} or {@code FILE#NAME}; everything else is as the file records it. */
  public static WeightsRef parse(String text) {
    return parse(text, null, null, null);
  }

  /** Parses {@code FILE} or {@code FILE#NAME}. */
  public static WeightsRef parse(
      String text,
      @Nullable String bias,
      @Nullable Activation activation,
      @Nullable KernelLayout layout) {
    String file = file(text);
    return new WeightsRef(
        ByteStores.absolute(file),
        file.equals(text) ? null : text.substring(file.length() + 1),
        bias == null ? null : ByteStores.absolute(bias),
        activation,
        layout);
  }

  public FileFormat format() {
    return FileFormat.of(uri);
  }

  /** Returns {@code FILE} or {@code FILE#NAME} as the user wrote it, but with an absolute file. */
  @Override
  public String toString() {
    return name == null ? uri : uri + "#" + name;
  }
}
