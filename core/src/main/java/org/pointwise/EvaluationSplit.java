package org.pointwise;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Subset;
import org.pointwise.plan.HoldoutSplit;
import org.pointwise.plan.HoldoutSplit.Part;

/**
 * Determines the hold-out blocks that an evaluation measures, from its spec and from what the files
 * of its layers record.
 */
final class EvaluationSplit {
  /** Value of {@link #testSizeFrom} for the whole of an array that no layer was fitted on. */
  static final String OTHER_ARRAY = "otherArray";

  private static final double DEFAULT_HELD_OUT = 0.2;

  private final EvaluateSpec spec;
  private final ArrayInfo input;
  private final List<EvaluatedLayer> heldOut; // that record a hold-out, of this array if one does
  private final List<EvaluatedLayer> recorded; // the same, or the first layer if there are none

  private EvaluationSplit(EvaluateSpec spec, ArrayInfo input, List<EvaluatedLayer> rows) {
    this.spec = spec;
    this.input = input;
    List<EvaluatedLayer> all = rows.stream().filter(row -> holdOut(row) > 0).toList();
    List<EvaluatedLayer> own = all.stream().filter(row -> !row.training().otherArray()).toList();
    this.heldOut = own.isEmpty() ? all : own;
    this.recorded = heldOut.isEmpty() ? rows.subList(0, 1) : heldOut;
  }

  /**
   * Returns the split.
   *
   * @throws InvalidInputException if the layers were fitted with different hold-outs, or on other
   *     parts of the input, and the spec does not choose a split
   */
  static HoldoutSplit of(EvaluateSpec spec, ArrayInfo input, List<EvaluatedLayer> rows) {
    EvaluationSplit split = new EvaluationSplit(spec, input, rows);
    Part given = spec.split();
    Part part = given != null ? given : split.isExplicitSet(rows) ? Part.ALL : Part.TEST;
    if (part == Part.ALL) {
      Long seed = spec.seed();
      long first = wholeNumber(rows.get(0).recorded().get(MomentsProvenance.SEED), 1);
      return new HoldoutSplit(0, seed != null ? seed : first, 0, Part.ALL);
    }
    if (spec.holdOut() == null) {
      split.heldOut.forEach(split::requirePart);
    }
    return split.of(part);
  }

  /**
   * Returns where the fraction of a test set comes from: {@code given}, {@code recorded} in the
   * weights, or {@code default}; {@code otherArray} if all blocks are the test set because the
   * layers were fitted on another array.
   */
  static String testSizeFrom(EvaluateSpec spec, List<EvaluatedLayer> rows) {
    if (spec.holdOut() != null) {
      return "given";
    }
    if (isOtherArray(spec, rows)) {
      return OTHER_ARRAY;
    }
    return rows.stream().anyMatch(row -> holdOut(row) > 0) ? "recorded" : "default";
  }

  private static double holdOut(EvaluatedLayer row) {
    return number(row.recorded().get(MomentsProvenance.HELD_OUT));
  }

  /**
   * Returns whether layers were fitted on another array and none on blocks of this one, and the
   * spec chooses no blocks. With labels, a part of the blocks is left to train the probe.
   */
  private static boolean isOtherArray(EvaluateSpec spec, List<EvaluatedLayer> rows) {
    boolean chosen = spec.split() != null || spec.holdOut() != null || spec.holdOutBlock() != null;
    return !chosen
        && spec.labels() == null
        && rows.stream().anyMatch(row -> row.training().otherArray())
        && rows.stream().allMatch(row -> row.training().otherArray() || isOfNoFit(row));
  }

  /** Returns whether the file of a layer records neither blocks of this array nor a hold-out. */
  private static boolean isOfNoFit(EvaluatedLayer row) {
    return row.training().tiles() == null && !(holdOut(row) > 0);
  }

  /**
   * Returns whether the input is a test set as a whole: some images of an array or another part
   * than a layer was fitted on, and no fraction of it; or another array.
   */
  private boolean isExplicitSet(List<EvaluatedLayer> rows) {
    if (spec.holdOut() != null) {
      return false;
    }
    if (isOtherArray(spec, rows)) {
      return true;
    }
    Subset subset = input.subset();
    boolean someImages = subset != null && !subset.images().isAll(input.whole().shape().n());
    return rows.stream().anyMatch(row -> row.training().tiles() != null && !isPartOf(row))
        || (someImages && !rows.stream().allMatch(row -> holdOut(row) > 0 && isPartOf(row)));
  }

  /** Returns whether a layer was fitted on the images, rows and columns of the input. */
  private boolean isPartOf(EvaluatedLayer row) {
    String fitted = row.recorded().getOrDefault(MomentsProvenance.SUBSET, "");
    return pixels(fitted).equals(pixels(input.describeSubset()));
  }

  /** Returns the description of a part without its channels. */
  private static String pixels(String subset) {
    return subset.replaceFirst(" ?channels .*", "");
  }

  private void requirePart(EvaluatedLayer row) {
    if (!isPartOf(row)) {
      throw new InvalidInputException(
          "Cannot evaluate %s on its %s blocks: it was fitted on %s of its input but %s of %s are read; give the same --images and --bbox, or --split all"
              .formatted(
                  row.name(),
                  spec.split() == Part.TRAIN ? "training" : "held-out",
                  named(row.recorded().getOrDefault(MomentsProvenance.SUBSET, "")),
                  named(input.describeSubset()),
                  input.uri()));
    }
  }

  private static String named(String subset) {
    String pixels = pixels(subset);
    return pixels.isEmpty() ? "all pixels" : pixels;
  }

  private HoldoutSplit of(Part part) {
    Double given = spec.holdOut();
    Integer block = spec.holdOutBlock();
    Long seed = spec.seed();
    double heldOutFraction =
        given != null ? given : one(MomentsProvenance.HELD_OUT, EvaluationSplit::number);
    double fraction = heldOutFraction > 0 ? heldOutFraction : DEFAULT_HELD_OUT;
    if (!(fraction > 0 && fraction <= 1)) {
      throw new InvalidInputException(
          "Cannot hold out %s of the blocks, as recorded in the weights: give --test-size"
              .formatted(fraction));
    }
    long side =
        block != null ? block : one(MomentsProvenance.HELD_OUT_BLOCK, text -> wholeNumber(text, 0));
    if (side < 0 || side > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "Cannot hold out blocks of %d pixels, as recorded in the weights: give --hold-out-block"
              .formatted(side));
    }
    long chosen = seed != null ? seed : one(MomentsProvenance.SEED, text -> wholeNumber(text, 1));
    return new HoldoutSplit(fraction, chosen, (int) side, part);
  }

  /** Returns the value that all recorded hold-outs have. */
  private <T> T one(String name, Function<@Nullable String, T> parse) {
    EvaluatedLayer first = recorded.get(0);
    T value = parse.apply(first.recorded().get(name));
    for (EvaluatedLayer row : recorded) {
      if (!value.equals(parse.apply(row.recorded().get(name)))) {
        throw new InvalidInputException(
            "Cannot evaluate %s and %s on blocks held out from both: %s for one but %s for the other; fit them with the same --test-size, --hold-out-block and --seed, or choose the pixels by --images or --split all"
                .formatted(
                    first.name(),
                    row.name(),
                    describe(first.recorded()),
                    describe(row.recorded())));
      }
    }
    return value;
  }

  private static String describe(Map<String, String> recorded) {
    return "%s of the blocks was held out by seed %s, with --hold-out-block %s"
        .formatted(
            recorded.get(MomentsProvenance.HELD_OUT),
            recorded.get(MomentsProvenance.SEED),
            recorded.get(MomentsProvenance.HELD_OUT_BLOCK));
  }

  private static long wholeNumber(@Nullable String text, long defaultValue) {
    try {
      return text == null ? defaultValue : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return defaultValue; // merged from moments that differ
    }
  }

  private static double number(@Nullable String text) {
    try {
      return text == null ? Double.NaN : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN; // merged from moments that differ
    }
  }
}
