package org.pointwise.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.weights.WeightsRef;
import org.pointwise.weights.WeightsRef.KernelLayout;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The options for the layers of a command and how to read them. */
final class LayerOptions {
  @Option(
      names = "--weights",
      paramLabel = "FILE[#NAME]",
      description =
          "Weights of a layer: .safetensors, .npy or .onnx. Names of layers: file.safetensors[#tensor], file.npy, or model.onnx#NAME, where NAME is a Conv node or its output. Repeat the option for several heads, in the same order each time.")
  List<String> weights = new ArrayList<>();

  @Nullable
  @Rare
  @Option(
      names = "--bias",
      paramLabel = "FILE.npy",
      description = "Bias of .npy weights (default: NAME.bias.npy beside NAME.npy, if it exists).")
  String bias;

  @Nullable
  @Option(
      names = "--activation",
      paramLabel = "NAME",
      completionCandidates = Activations.class,
      converter = AutoOrActivation.class,
      description =
          "Function applied to W·x + b (default: auto). One of ${COMPLETION-CANDIDATES}. 'auto' takes the activation that the weights file records or the ONNX graph contains, with the slopes of prelu. 'none' ends an ONNX layer at its Conv.")
  Activation activation;

  @Nullable
  @Rare
  @Option(
      names = "--kernel-layout",
      paramLabel = "oi|io",
      description =
          "Layout of an .npy matrix: oi (F′×F, outputs first) or io (F×F′). By default the number of channels of the input decides; a square matrix is refused.")
  KernelLayout kernelLayout;

  /** Refuses a bias for several layers. */
  void requireOneForBias(CommandLine command, int count) {
    if (bias != null && count > 1) {
      throw new ParameterException(
          command, "--bias needs exactly one layer: use safetensors for several");
    }
  }

  /** Returns the references to the layers. */
  List<WeightsRef> refs() {
    return weights.stream().map(this::ref).toList();
  }

  /** Where a layer is, {@code FILE[#NAME]}. */
  WeightsRef ref(String text) {
    return WeightsRef.parse(text, bias, activation, kernelLayout);
  }

  /** The activations, for help, completion and errors. */
  static final class Activations implements Iterable<String> {
    static final List<String> NAMES = List.of(("auto, " + Activation.NAMES).split(", "));

    @Override
    public Iterator<String> iterator() {
      return NAMES.iterator();
    }

    /** Returns whether a text names an activation, with whatever parameters. */
    static boolean isActivation(String text) {
      String name = text.toLowerCase(Locale.ROOT).split(":", 2)[0];
      return name.equals("prelu") // only from files
          || NAMES.stream().anyMatch(candidate -> candidate.split(":", 2)[0].equals(name));
    }
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
        throw Activations.isActivation(text)
            ? new TypeConversionException(e.getMessage())
            : new Choices.NotAllowed(text, Activations.NAMES);
      }
    }
  }
}
