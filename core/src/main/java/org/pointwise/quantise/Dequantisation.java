package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;

/**
 * How what is stored becomes features: a number q becomes {@code q · scale + offset} in float32. A
 * pixel with {@code nodata} in any channel is masked: it bypasses the arithmetic.
 *
 * @param nodata the stored number that means "no data"; null when none does
 * @param missing what chunks that are not stored stand for
 */
public record Dequantisation(
    float scale, float offset, @Nullable Nodata nodata, MissingChunks missing) {
  /** Stored numbers are the features. */
  public static final Dequantisation NONE = new Dequantisation(1, 0, null, MissingChunks.FILL);

  public boolean linear() {
    return scale != 1 || offset != 0;
  }
}
