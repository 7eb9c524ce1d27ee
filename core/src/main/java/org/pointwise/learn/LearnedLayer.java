package org.pointwise.learn;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;

/**
 * A layer that a method learned, with its decoder and the description of the fit.
 *
 * @param decoder F′ → F: reconstructs pixels from reduced pixels with the smallest squared error on
 *     the pixels that were learned from ({@link LinearDecoder#leastSquares} where the layer has no
 *     activation, else {@link RectifiedDecoder}, or the decoder that was trained with the layer to
 *     reconstruct)
 * @param head F′ → classes, where the layer was trained with a head; else null
 * @param metadata the description of the fit, by name; in a fixed order
 * @param warnings messages for the user about unusual data, one line each
 */
public record LearnedLayer(
    PointwiseLayer layer,
    PointwiseLayer decoder,
    @Nullable PointwiseLayer head,
    Map<String, String> metadata,
    List<String> warnings) {
  /** Returns a copy with another decoder. */
  public LearnedLayer withDecoder(PointwiseLayer otherDecoder) {
    return new LearnedLayer(layer, otherDecoder, head, metadata, warnings);
  }

  /** Formats a number for metadata: nine significant digits. */
  static String text(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }
}
