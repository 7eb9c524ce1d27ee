package org.pointwise.weights;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.store.ByteStores;
import org.pointwise.weights.WeightsRef.FileFormat;
import org.pointwise.weights.WeightsRef.KernelLayout;

/**
 * A decoder F′ → F in a file. Immutable.
 *
 * @param ref the decoder
 * @param companion whether the decoder was found as the companion of a layer
 * @param layerSha256 the SHA-256 of the layer whose outputs it decodes; empty if that is unknown
 */
public record Decoder(WeightsRef ref, boolean companion, String layerSha256) {
  private static final String PREFIX = Weights.DECODER + ".";
  private static final String LAYER = "weight";

  /**
   * Finds a decoder: of a file with a layer and its decoder, the decoder; else the named layer
   * itself.
   *
   * @param activation the activation with which the layer was applied, which npy files do not
   *     record; null if unknown
   * @throws org.pointwise.errors.InvalidInputException if the file cannot be read
   */
  public static Decoder find(
      ByteStores stores, WeightsRef encoder, @Nullable Activation activation) {
    try {
      WeightsRef companionRef =
          encoder.name() != null ? null : Weights.companionRef(stores, encoder, Weights.DECODER);
      return companionRef == null
          ? new Decoder(encoder, false, layerOf(stores, encoder, null, activation))
          : new Decoder(oi(companionRef), true, layerOf(stores, companionRef, encoder, activation));
    } catch (IOException e) {
      throw Weights.unreadable(encoder.toString(), e);
    }
  }

  /** Returns the reference with the layout in which {@link WeightsWriter} writes npy files. */
  private static WeightsRef oi(WeightsRef ref) {
    return ref.format() == FileFormat.NPY
        ? new WeightsRef(ref.uri(), ref.name(), ref.bias(), ref.activation(), KernelLayout.OI)
        : ref;
  }

  /**
   * Returns {@link #layerSha256} of a decoder.
   *
   * @param layer the layer beside whose file the decoder was found; null if it was named
   */
  private static String layerOf(
      ByteStores stores,
      WeightsRef decoder,
      @Nullable WeightsRef layer,
      @Nullable Activation activation)
      throws IOException {
    switch (decoder.format()) {
      case SAFETENSORS -> {
        String name = decoder.name();
        WeightsRef beside = new WeightsRef(decoder.uri(), LAYER, null, null, null);
        return name != null && name.startsWith(PREFIX) && Weights.hasTensor(stores, beside)
            ? Weights.read(stores, beside, 0).layer().sha256()
            : "";
      }
      case ONNX -> {
        return Weights.metadata(stores, decoder).getOrDefault(Weights.DECODER + Weights.OF, "");
      }
      default -> {
        return layer == null ? "" : sha256(stores, layer, activation);
      }
    }
  }

  /**
   * Returns the SHA-256 of a layer in the layout and, for npy, with the activation of {@link
   * #find}.
   */
  public static String sha256(ByteStores stores, WeightsRef ref, @Nullable Activation activation)
      throws IOException {
    PointwiseLayer layer = Weights.read(stores, oi(ref), 0).layer();
    return activation != null && ref.format() == FileFormat.NPY
        ? layer.withActivation(activation).sha256()
        : layer.sha256();
  }
}
