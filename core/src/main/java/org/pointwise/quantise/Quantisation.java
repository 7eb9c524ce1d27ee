package org.pointwise.quantise;

import org.jspecify.annotations.Nullable;
import org.pointwise.tensor.ElementType;

/**
 * Defines how features are stored as numbers of a type, for reading and writing.
 *
 * <p>Reading converts a stored number q to {@code q · scale + offset}. If float32 holds the stored
 * type exactly, the arithmetic is in float32 and rounds after the product and after the sum. For
 * other types (float64, integers of 32 and 64 bits) it is in float64 and the result is rounded to
 * float32. An offset can therefore remove leading digits that the numbers share without loss of the
 * others. A pixel with {@code nodata} in any channel is masked: it bypasses the arithmetic.
 *
 * <p>Features are written as {@link #floating} numbers: rounded to the nearest number of the type,
 * ties to even. {@link Overflow} determines how numbers that the type cannot hold are handled. A
 * masked pixel is written as {@code nodata} in all channels.
 *
 * @param type the type of the stored numbers
 * @param scaling scale and offset
 * @param nodata the stored number that marks nodata; null if there is none
 */
public record Quantisation(ElementType type, Scaling scaling, @Nullable Nodata nodata) {

  /**
   * @throws IllegalArgumentException if {@code nodata} has another type
   */
  public Quantisation {
    if (nodata != null && nodata.type() != type) {
      throw new IllegalArgumentException(
          "No data is a number of %s, not of %s".formatted(nodata.type(), type));
    }
  }

  /** Returns a quantisation whose stored numbers are the features, without a nodata number. */
  public static Quantisation none(ElementType type) {
    return new Quantisation(type, Scaling.NONE, null);
  }

  /**
   * Returns a quantisation that stores features unscaled and nodata as NaN.
   *
   * @param type a floating type
   */
  public static Quantisation floating(ElementType type) {
    return new Quantisation(type, Scaling.NONE, Nodata.nan(type));
  }

  /** Returns whether the type is floating, there is no scale or offset, and nodata is NaN. */
  public boolean isFloating() {
    return type.floating() && equals(floating(type));
  }

  /** Converts a stored number of a channel to a feature, in float64. */
  public double decode(double stored, int channel) {
    return stored * scaling.scale(channel) + scaling.offset(channel);
  }

  /** Returns the description of an output, for records: only the type if {@link #isFloating}. */
  public String describe() {
    return isFloating()
        ? type.toString()
        : "%s %s nodata=%s".formatted(type, scaling.exact(), nodata);
  }

  /**
   * Returns the description of scale and offset, for records of results that were learned from the
   * features. It has the precision in which they are applied, so that the same text means the same
   * features.
   */
  public String describeScaling() {
    if (scaling.isNone()) {
      return "no scale and offset";
    }
    return type.exactAsFloat32() ? scaling.toString() : scaling.exact();
  }
}
