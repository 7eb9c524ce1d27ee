package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;

/**
 * How a stored number q becomes a feature: {@code q · scale + offset} in float32. A pixel with
 * {@code nodata} in any channel is masked: it bypasses the arithmetic.
 *
 * @param nodata the stored value that means "no data"; null when none does; may be NaN
 */
public record Dequantisation(float scale, float offset, @Nullable Float nodata) {
  /** Stored numbers are the features. */
  public static final Dequantisation NONE = new Dequantisation(1, 0, null);

  public boolean linear() {
    return scale != 1 || offset != 0;
  }

  /** Whether a stored number, read as float32, means "no data". */
  public boolean isNodata(float stored) {
    return nodata != null && (stored == nodata || (Float.isNaN(nodata) && Float.isNaN(stored)));
  }
}
