package org.pointwise.job;

import org.pointwise.conv.Activation;
import org.pointwise.conv.Normalisation;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.quantise.Nodata;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementAccess;
import org.pointwise.tensor.ElementType;
import org.pointwise.tensor.Half;
import org.pointwise.tensor.PixelMask;
import org.pointwise.tensor.Tile;

/**
 * Computes the outputs of one pixel in float64, and bounds on the errors of the float32 arithmetic.
 *
 * <p>A float32 sum of F products errs by at most F·2⁻²³·Σ|w·x| to first order (Higham, "Accuracy
 * and Stability of Numerical Algorithms", 2002, section 3.1), in any order. An input that is
 * rounded to float32 and scaled adds at most as much as three more terms. The activation may
 * enlarge this error and adds one of its own. The output type adds half a unit in its last place.
 */
final class ReferencePixel {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final double NEAR_FLOAT32_MAX = 0.98 * Float.MAX_VALUE;

  private final Quantisation quantisation;
  private final PointwiseLayer layer;
  private final double[] values;
  private final double[] magnitudes; // sums of |terms| of each value
  private final double[] exact; // by output
  private final double[] errors; // bounds on the float32 errors of the outputs
  private final boolean[] overflow; // whether the float32 sum of an output may overflow
  private boolean anyOverflow;
  private final float[] scales; // for types that float32 holds exactly
  private final float[] offsets;
  private boolean scaledInFloat32;
  private boolean masked;

  ReferencePixel(Quantisation quantisation, PointwiseLayer layer) {
    this.quantisation = quantisation;
    this.layer = layer;
    this.scales = quantisation.scaling().float32Scales();
    this.offsets = quantisation.scaling().float32Offsets();
    this.values = new double[layer.inChannels()];
    this.magnitudes = new double[layer.inChannels()];
    this.exact = new double[layer.outChannels()];
    this.errors = new double[layer.outChannels()];
    this.overflow = new boolean[layer.outChannels()];
  }

  void read(Tile tile, int n, int y, int x) {
    Nodata nodata = quantisation.nodata();
    boolean narrow = tile.nodata() || tile.blocks().get(0).type().exactAsFloat32();
    scaledInFloat32 = narrow && !quantisation.scaling().isNone();
    PixelMask mask = tile.mask();
    Box box = tile.box();
    masked =
        tile.nodata()
            || (mask != null && mask.isHidden(box, ((long) n * box.y() + y) * box.x() + x));
    for (ChannelBlock block : tile.blocks()) {
      for (int c = 0; c < block.channels(); c++) {
        int at = block.byteOffset(n, y, x, c);
        masked |= nodata != null && nodata.isAt(block.bytes(), at, block.order());
        int channel = block.firstChannel() + c;
        double stored = ElementAccess.doubleAt(block.bytes(), at, block.type(), block.order());
        double scaled = stored * scales[scales.length == 1 ? 0 : channel];
        double offset = offsets[offsets.length == 1 ? 0 : channel];
        if (narrow) {
          values[channel] = scaled + offset;
          magnitudes[channel] = Math.abs(scaled) + Math.abs(offset);
        } else {
          double value = quantisation.decode(stored, channel);
          if (Double.isFinite(stored)) { // the kernel saturates it to float32
            value = Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, value));
          }
          values[channel] = value;
          magnitudes[channel] = Math.abs(value);
        }
      }
    }
    if (!masked) {
      compute();
    }
  }

  private static double limit(ElementType type) {
    return switch (type) {
      case FLOAT16 -> 65504;
      case BFLOAT16 -> Half.bfloatToFloat(0x7f7f);
      default -> Float.MAX_VALUE;
    };
  }

  /** Computes all outputs, before rounding to the output type. */
  private void compute() {
    anyOverflow = false;
    for (int out = 0; out < exact.length; out++) {
      compute(out);
      anyOverflow |= overflow[out] || Math.abs(exact[out]) > NEAR_FLOAT32_MAX;
    }
    if (layer.normalisation() == Normalisation.L2) {
      normalise();
    }
  }

  private void compute(int out) {
    double sum = layer.bias(out);
    double magnitude = Math.abs(sum);
    double finite = magnitude; // of the finite terms
    boolean mayOverflow = false; // the float32 scaling of an input
    for (int i = 0; i < values.length; i++) {
      double weight = layer.weight(out, i);
      sum += weight * values[i];
      double term = Math.abs(weight) * magnitudes[i];
      magnitude += term;
      finite += Double.isFinite(term) ? term : 0;
      mayOverflow |=
          scaledInFloat32 && Double.isFinite(values[i]) && magnitudes[i] > NEAR_FLOAT32_MAX;
    }
    Activation activation = layer.activation();
    overflow[out] = mayOverflow || finite > NEAR_FLOAT32_MAX;
    exact[out] = Double.isNaN(sum) ? sum : activation.apply(sum, out);
    double ofSum = (values.length + 4) * (0x1p-23 * magnitude + Float.MIN_NORMAL);
    if (!Double.isFinite(ofSum)) {
      errors[out] = INFINITY;
    } else if (activation.isClip()) { // monotone and exact
      errors[out] =
          Math.max(
              exact[out] - activation.apply(sum - ofSum, out),
              activation.apply(sum + ofSum, out) - exact[out]);
    } else {
      errors[out] =
          activation.lipschitz() * ofSum
              + activation.relativeError() * Math.abs(exact[out])
              + activation.absoluteError();
    }
  }

  /**
   * Divides by the length, as {@link Normalisation#L2} defines. If the elements of a vector a err
   * by at most e, an element of a ÷ ‖a‖ errs by at most (e + |a|·‖e‖ ÷ ‖a‖) ÷ (‖a‖ − ‖e‖).
   */
  private void normalise() {
    double squared = 0;
    double squaredErrors = 0;
    for (int out = 0; out < exact.length; out++) {
      squared += exact[out] * exact[out];
      squaredErrors += errors[out] * errors[out];
    }
    double length = Math.sqrt(squared);
    double difference = length - Math.sqrt(squaredErrors);
    for (int out = 0; out < exact.length; out++) {
      double element = exact[out];
      exact[out] = squared == 0 ? 0 : element / length;
      errors[out] =
          difference > 0 && Double.isFinite(difference)
              ? (errors[out] + Math.abs(element) * (length - difference) / length) / difference
              : squaredErrors == 0 || Double.isInfinite(length) ? 0 : 2; // the direction is unknown
    }
  }

  /** Returns whether an overflow in float32 explains a stored value. */
  private boolean isOverflow(double stored, ElementType type, int out) {
    if (layer.normalisation() == Normalisation.L2) {
      return anyOverflow && !(Math.abs(stored) > 1 + 0x1p-7);
    }
    Activation activation = layer.activation();
    boolean ofSum = // of either sign
        !Double.isFinite(stored)
            || Math.abs(stored) >= 0.99 * limit(type)
            || stored == activation.apply(INFINITY, out)
            || stored == activation.apply(-INFINITY, out);
    boolean ofSlope =
        Math.abs(exact[out]) > NEAR_FLOAT32_MAX && stored == Math.copySign(INFINITY, exact[out]);
    return (overflow[out] && ofSum) || ofSlope;
  }

  /** Returns |stored − exact| as a fraction of the permitted error; 0 if neither is finite. */
  double error(int out, double stored, ElementType type) {
    double value = exact[out];
    if (masked || Double.isNaN(value)) {
      return Double.isNaN(stored) ? 0 : INFINITY;
    }
    if (isOverflow(stored, type, out)) {
      return 0; // counted as not finite
    }
    if (Double.isInfinite(value)) {
      return Double.isFinite(stored) ? INFINITY : 0;
    }
    double limit = limit(type);
    value = Math.max(-limit, Math.min(limit, value));
    boolean half = type == ElementType.FLOAT16;
    double unit = half ? 0x1p-11 : type == ElementType.BFLOAT16 ? 0x1p-8 : 0x1p-24;
    double min = half ? 0x1p-25 : Float.MIN_NORMAL;
    double allowed = errors[out] + unit * Math.abs(value) + min;
    double error = Math.abs(stored - value);
    return Double.isNaN(error) ? INFINITY : error / allowed;
  }
}
