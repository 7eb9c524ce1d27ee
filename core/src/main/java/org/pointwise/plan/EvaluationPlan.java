package org.pointwise.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.TileSplit;

/**
 * A pass over tiles that sends each pixel through layers and back through their decoders.
 * Immutable.
 *
 * @param candidates the first is the one that is evaluated, the others are compared with it
 * @param centres of the histograms of the first candidate's first channels
 * @param spreads half the width of each histogram
 */
public record EvaluationPlan(
    ArrayInfo input,
    Dequantisation dequantisation,
    List<Candidate> candidates,
    TileSplit tiles,
    double[] centres,
    double[] spreads,
    CellRuns units)
    implements MapPlan {
  private static final long UNIT_INPUT = 4L << 20;
  private static final long MOST_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 32L << 20;

  /** Channels that get a histogram, at most. */
  public static final int MOST_HISTOGRAMS = 16;

  /** A layer and what brings its channels back. */
  public record Candidate(String name, PointwiseLayer layer, PointwiseLayer decoder) {}

  /** Makes the plan. */
  public static EvaluationPlan of(
      ArrayInfo input,
      Dequantisation dequantisation,
      List<Candidate> candidates,
      TileSplit tiles,
      double[] centres,
      double[] spreads) {
    return new EvaluationPlan(
        input,
        dequantisation,
        List.copyOf(candidates),
        tiles,
        centres,
        spreads,
        CellRuns.of(input, UNIT_INPUT, MOST_UNITS));
  }

  @Override
  public long unitCount() {
    return units.count();
  }

  @Override
  public boolean keeps() {
    return false;
  }

  @Override
  public long bytesPerTask() {
    long decoded = input.cell().pixels() * input.shape().c() * input.type().bytes();
    return decoded * 7 / 2 + TASK_OVERHEAD_BYTES;
  }

  @Override
  public void requireFits(Resources resources) {
    if (bytesPerTask() > resources.bytesPerTask()) {
      throw new InvalidInputException(
          "Cannot evaluate: a task needs %d MiB but has %d MiB (%d tasks at once); use %s, or fewer tasks at once"
              .formatted(
                  (bytesPerTask() >> 20) + 1,
                  resources.bytesPerTask() >> 20,
                  resources.tasks(),
                  resources.knob()));
    }
  }

  /** Not compared by value. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
