package org.pointwise.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for the layers of a command and how to read them. */
final class LayerOptions {
  @Option(
      names = "--weights",
      paramLabel = "FILE[#NAME]",
      description =
          "A layer: file.safetensors[#tensor], file.npy, or model.onnx#NAME (a Conv node or its output). Repeat for several heads, in the same order each time.")
  List<String> weights = new ArrayList<>();

  @Nullable
  @Option(
      names = "--bias",
      paramLabel = "FILE.npy",
      description = "Bias of .npy weights (default: NAME.bias.npy beside NAME.npy, where it is).")
  String bias;

  @Nullable
  @Option(
      names = "--activation",
      paramLabel = "auto|NAME",
      converter = AutoOrActivation.class,
      description =
          "What follows W·x + b; auto takes what the weights file records or the ONNX graph does, "
              + "slopes of prelu too; none stops an ONNX layer at its Conv (default: auto). NAME is one of "
              + Activation.NAMES
              + ".")
  Activation activation;

  @Nullable
  @Option(
      names = "--kernel-layout",
      paramLabel = "oi|io",
      description = "How to read an .npy matrix: outputs first (F′×F) or inputs first (F×F′).")
  KernelLayout kernelLayout;

  /** Returns the references to the layers. */
  List<WeightsRef> refs() {
    return weights.stream().map(this::ref).toList();
  }

  /** Where a layer is, {@code FILE[#NAME]}. */
  WeightsRef ref(String text) {
    return WeightsRef.parse(text, bias, activation, kernelLayout);
  }

  /** Converts {@code auto} to null, which means the activation in the file. */
  static final class AutoOrActivation implements ITypeConverter<@Nullable Activation> {
    @Override
    public @Nullable Activation convert(String text) {
      if (text.equalsIgnoreCase("auto")) {
        return null;
      }
      try {
        return Activation.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
