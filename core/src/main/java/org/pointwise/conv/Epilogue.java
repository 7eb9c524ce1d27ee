package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.tensor.ChannelBlock;

/**
 * Finishes the sums of one head before they are converted: adds the bias, applies the activation
 * and the normalisation, and sets masked pixels to NaN, in this order.
 */
final class Epilogue {
  /** Pixels for which the bias is repeated: at least the pixels of a channels-last block. */
  private static final int REPEATED_PIXELS = 128;

  private final PackedWeights.Place place;
  private final Activation activation;
  private final Activation[] activations; // by output
  private final boolean alike; // whether all outputs have the same activation
  private final Activation clip; // the activation that is applied together with the bias
  private final boolean normalises;
  private final float[] bias;
  private final float[] repeatedBias; // for every pixel of a block, if lines are short
  private final Microkernel microkernel;

  Epilogue(PackedWeights.Place place, Microkernel microkernel) {
    PointwiseLayer layer = place.layer();
    this.place = place;
    this.activation = layer.activation();
    this.activations = new Activation[layer.outChannels()];
    Arrays.setAll(activations, activation::ofChannel);
    this.alike = activation.slopes() == null;
    this.clip = activation.isClip() ? activation : Activation.NONE;
    this.normalises = layer.normalisation() == Normalisation.L2;
    this.bias = layer.bias();
    this.repeatedBias = new float[place.narrow() ? REPEATED_PIXELS * bias.length : 0];
    for (int i = 0; i < repeatedBias.length; i++) {
      repeatedBias[i] = bias[i % bias.length];
    }
    this.microkernel = microkernel;
  }

  int outputs() {
    return bias.length;
  }

  /**
   * Returns the end (exclusive) of the head's outputs that share a panel with {@code output}, where
   * columns are outputs.
   */
  int endOfPanel(Accumulators sums, int output) {
    int column = place.first() + output;
    return Math.min(bias.length, sums.panel(column) + sums.width() - place.first());
  }

  /** Returns whether {@link #writePixels} performs all steps for pixels that are not masked. */
  boolean isShort() {
    return activation.isClip() && !normalises;
  }

  /** Finishes sums whose lines are pixels and whose columns are outputs. */
  void applyToPixels(Accumulators sums, int pixels, boolean[] mask) {
    int next;
    for (int output = 0; output < bias.length; output = next) {
      next = endOfPanel(sums, output);
      applyToPixels(sums, output, next - output, pixels);
    }
    if (normalises) {
      normalise(sums, false, 0, pixels);
    }
    for (int p = 0; p < pixels; p++) {
      for (int o = 0; mask[p] && o < bias.length; o++) {
        sums.values()[sums.index(p, place.first() + o)] = Float.NaN;
      }
    }
  }

  private void applyToPixels(Accumulators sums, int from, int outputs, int lines) {
    int at = sums.index(0, place.first() + from);
    int step = sums.lineStep(place.first() + from);
    if (step == outputs && lines * outputs <= repeatedBias.length) {
      microkernel.epilogue(sums.values(), at, step, 1, lines * outputs, repeatedBias, 0, clip);
    } else {
      microkernel.epilogue(sums.values(), at, step, lines, outputs, bias, from, clip);
    }
    if (activation.isClip()) {
      return;
    }
    if (alike && step == outputs) {
      microkernel.activate(sums.values(), at, lines * outputs, activation);
      return;
    }
    for (int line = 0; line < lines; line++) {
      activate(sums.values(), at + line * step, outputs, from);
    }
  }

  /** Applies the activation to neighbouring outputs of a pixel. */
  private void activate(float[] values, int at, int outputs, int first) {
    if (alike) {
      microkernel.activate(values, at, outputs, activation);
      return;
    }
    for (int o = 0; o < outputs; o++) {
      values[at + o] = PlainActivations.apply(values[at + o], activations[first + o]);
    }
  }

  /**
   * Finishes neighbouring outputs of neighbouring pixels and writes them as little-endian float32.
   * Requires {@link #isShort} and that no pixel is masked.
   *
   * @param pixel the first pixel
   * @param output the first output; all are in one panel
   */
  void writePixels(
      Accumulators sums,
      int pixel,
      int pixels,
      int output,
      int outputs,
      ChannelBlock out,
      int to,
      int outPixelStep) {
    int lineStep = sums.lineStep(place.first() + output);
    boolean dense = lineStep == outputs && outPixelStep == outputs * Float.BYTES;
    boolean flat = dense && pixels * outputs <= repeatedBias.length;
    microkernel.epilogueTo(
        sums.values(),
        sums.index(pixel, place.first() + output),
        lineStep,
        flat ? 1 : pixels,
        flat ? pixels * outputs : outputs,
        flat ? repeatedBias : bias,
        flat ? 0 : output,
        clip,
        out.bytes(),
        to,
        outPixelStep);
  }

  /**
   * Finishes pixels of one panel of sums whose lines are outputs and whose columns are pixels.
   *
   * @param from the first pixel
   * @param to the end of the pixels, exclusive
   */
  void applyToPlanes(Accumulators sums, int from, int to, boolean[] mask) {
    for (int o = 0; o < bias.length; o++) {
      int at = sums.index(place.first() + o, from);
      microkernel.epilogue(sums.values(), at, to - from, bias[o], clip);
      if (!activation.isClip()) {
        microkernel.activate(sums.values(), at, to - from, activations[o]);
      }
    }
    if (normalises) {
      normalise(sums, true, from, to);
    }
    for (int p = from; p < to; p++) {
      for (int o = 0; mask[p] && o < bias.length; o++) {
        sums.values()[sums.index(place.first() + o, p)] = Float.NaN;
      }
    }
  }

  /** Normalises by the formula of {@link Normalisation#L2}. */
  private void normalise(Accumulators sums, boolean planes, int from, int to) {
    float[] values = sums.values();
    int[] at = new int[bias.length];
    double[] squared = new double[4];
    for (int p = from; p < to; p++) {
      Arrays.fill(squared, 0);
      for (int o = 0; o < at.length; o++) {
        int output = place.first() + o;
        at[o] = planes ? sums.index(output, p) : sums.index(p, output);
        squared[o & 3] += (double) values[at[o]] * values[at[o]];
      }
      double factor = Normalisation.reciprocal(squared[0], squared[1], squared[2], squared[3]);
      for (int i : at) {
        float normal = (float) (values[i] * factor);
        values[i] = Float.isNaN(normal) ? Float.NaN : normal; // canonical NaN on every machine
      }
    }
  }
}
