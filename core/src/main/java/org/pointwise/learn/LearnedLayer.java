package org.pointwise.learn;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;

/**
 * A layer as it was learned.
 *
 * @param decoder F′ → F: brings reduced pixels back with the least squared error on the pixels that
 *     were learned from ({@link LinearDecoder#leastSquares} where the layer has no activation, else
 *     {@link RectifiedDecoder}, or the one it was trained with to reconstruct)
 * @param head F′ → classes, where the layer was trained through one
 * @param metadata what is worth recording of the fit, by name; in a fixed order
 * @param warnings for people: what was odd about the data, a line each
 */
public record LearnedLayer(
    PointwiseLayer layer,
    PointwiseLayer decoder,
    @Nullable PointwiseLayer head,
    Map<String, String> metadata,
    List<String> warnings) {
  /** The same with another decoder. */
  public LearnedLayer with(PointwiseLayer otherDecoder) {
    return new LearnedLayer(layer, otherDecoder, head, metadata, warnings);
  }

  /** A number as facts have it: nine digits. */
  static String text(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }
}
