package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.tensor.ChannelBlock;

/**
 * What becomes of the sums of one head before they are converted: + bias, activation,
 * normalisation, NaN where a pixel is no data, in this order.
 */
final class Epilogue {
  /** At least as many as a block has. */
  private static final int REPEATED_PIXELS = 128;

  private final PackedWeights.Place place;
  private final Activation activation;
  private final Activation[] activations; // by output
  private final boolean alike; // whether those are the same
  private final Activation clip; // what is applied together with the bias
  private final boolean normalises;
  private final float[] bias;
  private final float[] repeatedBias; // for every pixel of a block, where lines are short
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

  /** The head's output that follows those in one panel with {@code output}, by columns. */
  int endOfPanel(Accumulators sums, int output) {
    int column = place.first() + output;
    return Math.min(bias.length, sums.panel(column) + sums.width() - place.first());
  }

  /**
   * Whether {@link #writePixels} does all that is to be done to pixels of which none is no data.
   */
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
        sums.values()[sums.at(p, place.first() + o)] = Float.NaN;
      }
    }
  }

  private void applyToPixels(Accumulators sums, int from, int outputs, int lines) {
    int at = sums.at(0, place.first() + from);
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
   * Finishes neighbouring outputs of neighbouring pixels and writes them as float32, little-endian,
   * where {@link #isShort} and no pixel is no data.
   *
   * @param pixel the first
   * @param output the first, of one panel
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
        sums.at(pixel, place.first() + output),
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
   * @param to the end of the pixels
   */
  void applyToPlanes(Accumulators sums, int from, int to, boolean[] mask) {
    for (int o = 0; o < bias.length; o++) {
      int at = sums.at(place.first() + o, from);
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
        sums.values()[sums.at(place.first() + o, p)] = Float.NaN;
      }
    }
  }

  /** By the formula of {@link Normalisation#L2}. */
  private void normalise(Accumulators sums, boolean planes, int from, int to) {
    float[] values = sums.values();
    int[] at = new int[bias.length];
    double[] squared = new double[4];
    for (int p = from; p < to; p++) {
      Arrays.fill(squared, 0);
      for (int o = 0; o < at.length; o++) {
        int output = place.first() + o;
        at[o] = planes ? sums.at(output, p) : sums.at(p, output);
        squared[o & 3] += (double) values[at[o]] * values[at[o]];
      }
      double by = Normalisation.reciprocal(squared[0], squared[1], squared[2], squared[3]);
      for (int i : at) {
        float normal = (float) (values[i] * by);
        values[i] = Float.isNaN(normal) ? Float.NaN : normal; // the same bits on every machine
      }
    }
  }
}
