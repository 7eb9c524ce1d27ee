package org.pointwise.conv;

import java.util.Arrays;
import org.pointwise.quantise.Overflow;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;

/** Finishes the sums of one head: bias, activation, output type and layout. */
final class HeadEncoder {
  /** At least as many as a block has. */
  private static final int REPEATED_PIXELS = 128;

  private final HeadLayout.Place place;
  private final Overflow overflow;
  private final Activation activation;
  private final Activation[] activations; // by output
  private final boolean alike; // whether those are the same
  private final Activation clip; // what is applied together with the bias
  private final float[] bias;
  private final float[] repeatedBias; // for every pixel of a block, where lines are short
  private final Microkernel microkernel;
  private final NumberRuns numbers;

  HeadEncoder(HeadLayout.Place place, Overflow overflow, KernelChoice choice) {
    this.place = place;
    this.overflow = overflow;
    this.activation = place.layer().activation();
    this.activations = new Activation[place.layer().outChannels()];
    Arrays.setAll(activations, activation::ofChannel);
    this.alike = activation.slopes() == null;
    this.clip = activation.isClip() ? activation : Activation.NONE;
    this.bias = place.layer().bias();
    this.repeatedBias = new float[place.narrow() ? REPEATED_PIXELS * bias.length : 0];
    for (int i = 0; i < repeatedBias.length; i++) {
      repeatedBias[i] = bias[i % bias.length];
    }
    this.microkernel = choice.microkernel();
    this.numbers = choice.numbers();
  }

  HeadLayout.Place place() {
    return place;
  }

  /** Writes sums whose lines are pixels and whose columns are outputs. */
  void encodePixels(
      Sums sums, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    int first = place.first();
    pixels.locate(out);
    int step = Math.toIntExact(out.strideC() * out.type().bytes());
    boolean asIs = out.type() == ElementType.FLOAT32 && step == Float.BYTES;
    boolean masked = anyMasked(mask, pixels.count());
    int next;
    for (int column = first; column < first + bias.length; column = next) {
      next = Math.min(first + bias.length, sums.panel(column) + sums.width());
      int outputs = next - column;
      int lineStep = sums.lineStep(column);
      boolean finish = masked || !asIs || !activation.isClip();
      if (finish) {
        finish(sums, column, outputs, pixels.count());
        maskPixels(sums, column, outputs, pixels.count(), mask);
      }
      for (int run = 0; run < pixels.runs(); run++) {
        int from = sums.at(pixels.pixel(run), column);
        int to = pixels.at(run) + (column - first) * step;
        int lines = pixels.length(run);
        if (finish) {
          encode(
              sums.values(), from, lineStep, lines, outputs, out, to, pixels.step(), step, counts);
        } else {
          finishTo(sums.values(), from, lineStep, lines, column, outputs, out, to, pixels.step());
        }
      }
    }
  }

  private static boolean anyMasked(boolean[] mask, int count) {
    for (int p = 0; p < count; p++) {
      if (mask[p]) {
        return true;
      }
    }
    return false;
  }

  private static void maskPixels(Sums sums, int column, int outputs, int count, boolean[] mask) {
    for (int p = 0; p < count; p++) {
      if (mask[p]) {
        int at = sums.at(p, column);
        Arrays.fill(sums.values(), at, at + outputs, Float.NaN);
      }
    }
  }

  private void finishTo(
      float[] values,
      int from,
      int lineStep,
      int lines,
      int column,
      int outputs,
      ChannelBlock out,
      int to,
      int outLineStep) {
    boolean dense = lineStep == outputs && outLineStep == outputs * Float.BYTES;
    boolean flat = dense && lines * outputs <= repeatedBias.length;
    microkernel.finishTo(
        values,
        from,
        lineStep,
        flat ? 1 : lines,
        flat ? lines * outputs : outputs,
        flat ? repeatedBias : bias,
        flat ? 0 : column - place.first(),
        clip,
        out.bytes(),
        to,
        outLineStep);
  }

  private void finish(Sums sums, int column, int outputs, int lines) {
    int at = sums.at(0, column);
    int step = sums.lineStep(column);
    int from = column - place.first();
    if (step == outputs && lines * outputs <= repeatedBias.length) {
      microkernel.finish(sums.values(), at, step, 1, lines * outputs, repeatedBias, 0, clip);
    } else {
      microkernel.finish(sums.values(), at, step, lines, outputs, bias, from, clip);
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

  /** Writes sums whose lines are outputs and whose columns are pixels. */
  void encodePlanes(
      Sums sums, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    pixels.locate(out);
    int planeStep = Math.toIntExact(out.strideC() * out.type().bytes());
    int next;
    for (int p = 0; p < pixels.count(); p = next) {
      next = Math.min(pixels.count(), sums.panel(p) + sums.width());
      for (int o = 0; o < bias.length; o++) {
        int at = sums.at(place.first() + o, p);
        microkernel.finish(sums.values(), at, next - p, bias[o], clip);
        if (!activation.isClip()) {
          microkernel.activate(sums.values(), at, next - p, activations[o]);
        }
        for (int i = 0; i < next - p; i++) {
          if (mask[p + i]) {
            sums.values()[at + i] = Float.NaN;
          }
        }
      }
      for (int run = 0; run < pixels.runs(); run++) {
        int begin = Math.max(p, pixels.pixel(run));
        int end = Math.min(next, pixels.pixel(run) + pixels.length(run));
        if (begin < end) {
          encode(
              sums.values(),
              sums.at(place.first(), begin),
              sums.lineStep(begin),
              bias.length,
              end - begin,
              out,
              pixels.at(run) + (begin - pixels.pixel(run)) * pixels.step(),
              planeStep,
              pixels.step(),
              counts);
        }
      }
    }
  }

  private void encode(
      float[] values,
      int from,
      int lineStep,
      int lines,
      int count,
      ChannelBlock out,
      int at,
      int outLineStep,
      int step,
      TileCounts counts) {
    boolean dense = lineStep == count && step == out.type().bytes() && outLineStep == count * step;
    int overflowed =
        numbers.encode(
            values,
            from,
            lineStep,
            dense ? 1 : lines,
            dense ? lines * count : count,
            overflow,
            out.type(),
            out.bytes(),
            at,
            outLineStep,
            step);
    counts.addOverflowed(overflowed);
  }
}
