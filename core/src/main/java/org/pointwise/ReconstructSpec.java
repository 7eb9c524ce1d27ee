package org.pointwise;

import org.pointwise.conv.Normalisation;

/**
 * Describes a reconstruction: applies the decoder of a layer, F′ → F, to the array that the layer
 * reduced. Immutable.
 *
 * @param reduction a reduction of the reduced array by one layer: {@code FILE} with a layer and the
 *     decoder that {@code fit} wrote, or {@code FILE#NAME} for a decoder by its name. Axes that are
 *     not given are those that the reduction recorded
 */
public record ReconstructSpec(ReduceSpec reduction) {
  /**
   * @throws IllegalArgumentException if the reduction has several layers, a normalisation, or only
   *     some channels of its input
   */
  public ReconstructSpec {
    if (reduction.layers().size() != 1) {
      throw new IllegalArgumentException(
          "A reconstruction has one decoder but %d are given".formatted(reduction.layers().size()));
    }
    if (reduction.normalisation() != Normalisation.NONE) {
      throw new IllegalArgumentException("A reconstruction has no normalisation");
    }
    if (reduction.input().subset().channels() != null) {
      throw new IllegalArgumentException(
          "A decoder reads all channels of the reduced array in their order; leave out --input-channels");
    }
  }

  /**
   * Returns the spec of a reconstruction.
   *
   * @param reduced the reduced array
   * @param decoder {@code FILE[#NAME]}
   */
  public static ReconstructSpec of(InputSpec reduced, String decoder, OutputSpec output) {
    return new ReconstructSpec(ReduceSpec.of(reduced, output).head(decoder).build());
  }
}
