package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;

/**
 * How what is stored becomes features: a number q becomes {@code q · scale + offset} in float32. A
 * pixel with {@code nodata} in any channel is masked: it bypasses the arithmetic.
 *
 * @param scaling scale and offset
 * @param nodata the stored number that means "no data"; null when none does
 * @param missing what chunks that are not stored stand for
 */
public record Dequantisation(Scaling scaling, @Nullable Nodata nodata, MissingChunks missing) {
  /** Stored numbers are the features. */
  public static final Dequantisation NONE =
      new Dequantisation(Scaling.NONE, null, MissingChunks.FILL);

  /** A stored number of a channel as a feature, in float64. */
  public double apply(double stored, int channel) {
    return stored * scaling.scale(channel) + scaling.offset(channel);
  }

  /** Fingerprints of plans contain it. */
  @Override
  public String toString() {
    return "Dequantisation[%s, nodata=%s, missing=%s]".formatted(scaling, nodata, missing);
  }
}
