package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementType;

/**
 * How features are stored as numbers of a type, in both directions.
 *
 * <p>Reading, a stored number q becomes {@code q · scale + offset}. Where float32 holds the stored
 * type exactly, in float32, rounded after the product and after the sum; numbers of other types
 * (float64, integers of 32 and 64 bits) in float64, rounded to float32 at the end, so that an
 * offset takes off what many digits have in common. A pixel with {@code nodata} in any channel is
 * masked: it bypasses the arithmetic.
 *
 * <p>Features are written as {@link #floating} numbers: rounded to the nearest number of the type,
 * ties to the even one. What the type cannot hold is for {@link Overflow} to decide. A masked pixel
 * becomes {@code nodata} in all channels.
 *
 * @param type of the stored numbers
 * @param scaling scale and offset
 * @param nodata the stored number that means "no data"; null when none does
 */
public record Quantisation(ElementType type, Scaling scaling, @Nullable Nodata nodata) {

  /**
   * @throws IllegalArgumentException where {@code nodata} is of another type
   */
  public Quantisation {
    if (nodata != null && nodata.type() != type) {
      throw new IllegalArgumentException(
          "No data is a number of %s, not of %s".formatted(nodata.type(), type));
    }
  }

  /** Stored numbers are the features, and all are data. */
  public static Quantisation none(ElementType type) {
    return new Quantisation(type, Scaling.NONE, null);
  }

  /**
   * Features as they are, no data as NaN.
   *
   * @param type a floating one
   */
  public static Quantisation floating(ElementType type) {
    return new Quantisation(type, Scaling.NONE, Nodata.nan(type));
  }

  /** Whether the type is floating, without a scale, and no data is NaN. */
  public boolean isFloating() {
    return type.floating() && equals(floating(type));
  }

  /** A stored number of a channel as a feature, in float64. */
  public double decode(double stored, int channel) {
    return stored * scaling.scale(channel) + scaling.offset(channel);
  }

  /** Of an output, for records: the type alone where it is {@link #floating}. */
  public String describe() {
    return isFloating()
        ? type.toString()
        : "%s %s nodata=%s".formatted(type, scaling.exact(), nodata);
  }

  /**
   * Scale and offset, for records of what was learned from the features: as they are applied, so
   * that the same text means the same features.
   */
  public String describeScaling() {
    if (scaling.isNone()) {
      return "no scale and offset";
    }
    return type.exactAsFloat32() ? scaling.toString() : scaling.exact();
  }
}
