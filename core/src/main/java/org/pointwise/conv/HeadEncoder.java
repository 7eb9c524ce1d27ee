package org.pointwise.conv;

import org.pointwise.quantise.Overflow;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.ChannelBlock;
import org.pointwise.tensor.ElementType;

/** Finishes the sums of one head and writes them in the type and layout of the output. */
final class HeadEncoder {
  private final PackedWeights.Place place;
  private final Epilogue epilogue;
  private final ElementType type;
  private final Overflow overflow;
  private final ElementConversions conversions;

  HeadEncoder(
      PackedWeights.Place place, Quantisation stored, Overflow overflow, KernelProvider provider) {
    if (!stored.isFloating()) {
      throw new IllegalArgumentException(
          "This kernel stores features as floating numbers, not as " + stored);
    }
    this.type = stored.type();
    this.place = place;
    this.epilogue = new Epilogue(place, provider.microkernel());
    this.overflow = overflow;
    this.conversions = provider.conversions();
  }

  PackedWeights.Place place() {
    return place;
  }

  /** Writes sums whose lines are pixels and whose columns are outputs. */
  void encodePixels(
      Accumulators sums, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    requireType(out);
    pixels.locate(out);
    int step = Math.toIntExact(out.strideC() * type.bytes());
    boolean asIs = type == ElementType.FLOAT32 && step == Float.BYTES;
    boolean direct = asIs && epilogue.isShort() && !anyMasked(mask, pixels.count());
    if (!direct) {
      epilogue.applyToPixels(sums, pixels.count(), mask);
    }
    int next;
    for (int output = 0; output < epilogue.outputs(); output = next) {
      next = epilogue.endOfPanel(sums, output);
      int column = place.first() + output;
      for (int run = 0; run < pixels.runs(); run++) {
        int to = pixels.byteOffset(run) + output * step;
        int first = pixels.pixel(run);
        int length = pixels.length(run);
        if (direct) {
          epilogue.writePixels(sums, first, length, output, next - output, out, to, pixels.step());
        } else {
          encode(
              sums.values(),
              sums.index(first, column),
              sums.lineStep(column),
              length,
              next - output,
              out,
              to,
              pixels.step(),
              step,
              counts);
        }
      }
    }
  }

  private void requireType(ChannelBlock out) {
    if (out.type() != type) {
      throw new IllegalArgumentException(
          "A block of %s for a head of %s".formatted(out.type(), type));
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

  /** Writes sums whose lines are outputs and whose columns are pixels. */
  void encodePlanes(
      Accumulators sums, PixelRuns pixels, boolean[] mask, ChannelBlock out, TileCounts counts) {
    requireType(out);
    pixels.locate(out);
    int planeStep = Math.toIntExact(out.strideC() * type.bytes());
    int next;
    for (int p = 0; p < pixels.count(); p = next) {
      next = Math.min(pixels.count(), sums.panel(p) + sums.width());
      epilogue.applyToPlanes(sums, p, next, mask);
      for (int run = 0; run < pixels.runs(); run++) {
        int begin = Math.max(p, pixels.pixel(run));
        int end = Math.min(next, pixels.pixel(run) + pixels.length(run));
        if (begin < end) {
          encode(
              sums.values(),
              sums.index(place.first(), begin),
              sums.lineStep(begin),
              epilogue.outputs(),
              end - begin,
              out,
              pixels.byteOffset(run) + (begin - pixels.pixel(run)) * pixels.step(),
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
    boolean dense = lineStep == count && step == type.bytes() && outLineStep == count * step;
    int overflowed =
        conversions.encode(
            values,
            from,
            lineStep,
            dense ? 1 : lines,
            dense ? lines * count : count,
            overflow,
            type,
            out.bytes(),
            at,
            outLineStep,
            step);
    counts.addOverflowed(overflowed);
  }
}
