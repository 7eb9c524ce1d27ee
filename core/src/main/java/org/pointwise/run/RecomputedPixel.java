package org.pointwise.run;

import org.pointwise.conv.Activation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Scaling;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Elements;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.Tile;

/**
 * The features of one pixel in float64, and how far the float32 arithmetic's outputs may lie from
 * theirs.
 *
 * <p>A float32 sum of F products errs by at most F·2⁻²³·Σ|w·x| to first order (Higham, "Accuracy
 * and Stability of Numerical Algorithms", 2002, section 3.1), whatever its order; an input that is
 * rounded to float32 and scaled adds as much as three more terms; the activation may enlarge all of
 * it and adds an error of its own, and the output type half a unit in its last place.
 */
final class RecomputedPixel {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final double NEAR_FLOAT32_MAX = 0.98 * Float.MAX_VALUE;

  private final Dequantisation dequantisation;
  private final PointwiseLayer layer;
  private final double[] values;
  private final double[] magnitudes; // of the terms that make a value
  private boolean masked;

  RecomputedPixel(Dequantisation dequantisation, PointwiseLayer layer) {
    this.dequantisation = dequantisation;
    this.layer = layer;
    this.values = new double[layer.inChannels()];
    this.magnitudes = new double[layer.inChannels()];
  }

  void read(Tile tile, int n, int y, int x) {
    Nodata nodata = dequantisation.nodata();
    Scaling scaling = dequantisation.scaling();
    masked = tile.nodata();
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        int at = block.at(n, y, x, c);
        masked |= nodata != null && nodata.isAt(block.bytes(), at, block.order());
        double stored = Elements.doubleAt(block.bytes(), at, block.type(), block.order());
        if (Double.isFinite(stored)) { // saturated where it is beyond float32
          stored = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, stored));
        }
        int channel = block.firstChannel() + c;
        double scaled = stored * scaling.scale(channel);
        values[channel] = scaled + scaling.offset(channel);
        magnitudes[channel] = Math.abs(scaled) + Math.abs(scaling.offset(channel));
      }
    }
  }

  private static double limit(ElementType type) {
    return switch (type) {
      case FLOAT16 -> 65504;
      case BFLOAT16 -> Half.bfloatToFloat(0x7f7f);
      default -> Float.MAX_VALUE;
    };
  }

  /** Whether a value is what becomes of a sum that overflowed on the way, of either sign. */
  private static boolean isOverflow(
      double stored, ElementType type, Activation activation, int out) {
    return !Double.isFinite(stored)
        || Math.abs(stored) >= 0.99 * limit(type)
        || stored == activation.apply(Double.POSITIVE_INFINITY, out)
        || stored == activation.apply(Double.NEGATIVE_INFINITY, out);
  }

  /** |stored − exact| as a fraction of what may be; 0 where both are not finite. */
  double error(int out, double stored, ElementType type) {
    double sum = layer.bias(out);
    double magnitude = Math.abs(sum);
    boolean mayOverflow = false; // as soon as an input is scaled
    boolean scaled = !dequantisation.scaling().isNone();
    for (int i = 0; i < values.length; i++) {
      double weight = layer.weight(out, i);
      sum += weight * values[i];
      magnitude += Math.abs(weight) * magnitudes[i];
      mayOverflow |= scaled && Double.isFinite(values[i]) && magnitudes[i] > NEAR_FLOAT32_MAX;
    }
    if (masked || Double.isNaN(sum)) {
      return Double.isNaN(stored) ? 0 : Double.POSITIVE_INFINITY;
    }
    Activation activation = layer.activation();
    boolean large = Double.isFinite(magnitude) && magnitude > NEAR_FLOAT32_MAX;
    if ((mayOverflow || large) && isOverflow(stored, type, activation, out)) {
      return 0; // of the float32 arithmetic, which is counted as not finite
    }
    double exact = activation.apply(sum, out);
    if (Math.abs(exact) > NEAR_FLOAT32_MAX && stored == Math.copySign(INFINITY, exact)) {
      return 0; // of a slope beyond 1, likewise
    }
    if (Double.isInfinite(exact)) {
      return Double.isFinite(stored) ? Double.POSITIVE_INFINITY : 0;
    }
    double limit = limit(type);
    exact = Math.max(-limit, Math.min(limit, exact));
    boolean half = type == ElementType.FLOAT16;
    double unit = half ? 0x1p-11 : type == ElementType.BFLOAT16 ? 0x1p-8 : 0x1p-24;
    double least = half ? 0x1p-25 : Float.MIN_NORMAL;
    double ofSum = activation.lipschitz() * (values.length + 4) * 0x1p-23 * magnitude;
    double ofActivation = activation.relativeError() * Math.abs(exact) + activation.absoluteError();
    double allowed = ofSum + ofActivation + unit * Math.abs(exact) + least;
    double error = Math.abs(stored - exact);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
  }
}
