package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementType;

/**
 * How what is stored becomes features: a number q becomes {@code q · scale + offset}. Where float32
 * holds the stored type exactly, in float32, rounded after the product and after the sum; numbers
 * of other types (float64, integers of 32 and 64 bits) in float64, rounded to float32 at the end,
 * so that an offset takes off what many digits have in common. A pixel with {@code nodata} in any
 * channel is masked: it bypasses the arithmetic.
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

  /**
   * What it makes of numbers of a type, for fingerprints of plans.
   *
   * @param type as stored
   */
  public String describe(ElementType type) {
    return type.exactAsFloat32() || scaling.isNone()
        ? toString()
        : this + " in float64: " + scaling.exact();
  }

  /**
   * The scale and offset that numbers of a type get, for records of what was learned from them: as
   * they are applied, so that the same text means the same features.
   *
   * @param type as stored
   */
  public String describeScaling(ElementType type) {
    if (scaling.isNone()) {
      return "no scale and offset";
    }
    return type.exactAsFloat32() ? scaling.toString() : scaling.exact();
  }

  @Override
  public String toString() {
    return "Dequantisation[%s, nodata=%s, missing=%s]".formatted(scaling, nodata, missing);
  }
}
