package org.pointwise.plan;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Compression;
import org.pointwise.format.OutputArray;
import org.pointwise.format.OutputRequest;
import org.pointwise.quantise.Quantisation;
import org.pointwise.tensor.Axes;
import org.pointwise.tensor.ElementType;

/** Chooses what a reduction leaves open: element type, axes, chunks and compression. */
final class ReduceLayout {
  /** Decoded input bytes of a unit: enough to amortise a task, few enough to repeat in a retry. */
  static final long MIN_UNIT_INPUT = 64L << 20;

  private static final long MAX_UNIT_INPUT = 4L << 30;

  /** Number of units even for a small input, so that all cores have work. */
  private static final long MIN_UNITS = 64;

  private ReduceLayout() {}

  /**
   * The storage layout of the arrays of all heads.
   *
   * @param quantisations quantisation of each head
   * @throws InvalidInputException when the features cannot be stored in this layout
   */
  static OutputArray of(Reduction spec, ArrayInfo input, List<Quantisation> quantisations) {
    Axes axes = spec.axes() == null ? input.axes() : spec.axes();
    List<String> names = dimensionNames(axes, input);
    LayoutChoice layout = spec.layout();
    // Later images fill the units of a growing output.
    long unitInput =
        layout.growing()
            ? MAX_UNIT_INPUT / 2 // at most twice the objects of one run over all images
            : Math.max(MIN_UNIT_INPUT, Math.min(MAX_UNIT_INPUT, input.bytes() / MIN_UNITS));
    long unitPixels = Math.max(1, unitInput / ((long) input.shape().c() * input.type().bytes()));
    AppendLayout appendLayout = spec.appendLayout();
    return spec.format()
        .layout(
            new OutputRequest(
                input,
                quantisations,
                axes,
                names,
                maxPixelBytes(spec, quantisations),
                layout.shardBytes(),
                unitPixels,
                layout.chunk(),
                layout.growing(),
                appendLayout == null ? layout.stored() : appendLayout.layout()));
  }

  /** Decoded bytes of a pixel of the head with the largest pixels. */
  static long maxPixelBytes(Reduction spec, List<Quantisation> quantisations) {
    return IntStream.range(0, quantisations.size())
        .mapToLong(head -> pixelBytes(spec, quantisations, head))
        .max()
        .orElseThrow();
  }

  /** Decoded bytes of a pixel of a head. */
  static long pixelBytes(Reduction spec, List<Quantisation> quantisations, int head) {
    return (long) spec.heads().get(head).layer().outChannels()
        * quantisations.get(head).type().bytes();
  }

  /** The reduction with a compression for each head. */
  static Reduction compressed(Reduction spec) {
    return spec.compressions().isEmpty() ? spec.withCompressions(compressions(spec)) : spec;
  }

  /**
   * Chooses the compression by the activation, from the results of {@code scripts/bench codecs}.
   * Where an activation maps many values to the same number, zstd exploits the repetitions. Where
   * all values differ, bit shuffling makes the output smaller and the compression faster.
   */
  private static List<Compression> compressions(Reduction spec) {
    Compression repeating = Compression.of(Compression.Kind.ZSTD);
    Compression dense = Compression.of(Compression.Kind.BLOSC);
    boolean alike = !spec.format().compresses() || !spec.format().isUsable(dense);
    return spec.heads().stream()
        .map(head -> alike || head.layer().activation().repeats() ? repeating : dense)
        .toList();
  }

  /** The conversion of the features of each head to stored numbers. */
  static List<Quantisation> quantisations(Reduction spec, ArrayInfo input) {
    return Collections.nCopies(spec.heads().size(), Quantisation.floating(type(spec, input)));
  }

  private static ElementType type(Reduction spec, ArrayInfo input) {
    ElementType type =
        spec.type() != null
            ? spec.type()
            : input.type().floating() && input.type() != ElementType.FLOAT64
                ? input.type()
                : ElementType.FLOAT32; // the arithmetic has no higher precision
    if (!type.floating()) {
      throw new InvalidInputException(
          "Cannot store features as %s: use --dtype float32, float16, bfloat16 or float64"
              .formatted(type));
    }
    return type;
  }

  private static List<String> dimensionNames(Axes axes, ArrayInfo input) {
    return axes.order().stream()
        .map(axis -> input.dimensionNames().get(input.axes().indexOf(axis)))
        .toList();
  }
}
