package org.pointwise.plan;

import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.TileSplit;

/**
 * A pass over tiles that sends each pixel through a layer and back through its decoder. Immutable.
 *
 * @param centres of the histograms of the first reduced channels
 * @param spreads half the width of each histogram
 */
public record EvaluationPlan(
    ArrayInfo input,
    Dequantisation dequantisation,
    PointwiseLayer layer,
    PointwiseLayer decoder,
    TileSplit tiles,
    double[] centres,
    double[] spreads,
    CellRuns units)
    implements MapPlan {
  private static final long UNIT_INPUT = 32L << 20;
  private static final long MOST_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 32L << 20;

  /** Channels that get a histogram, at most. */
  public static final int MOST_HISTOGRAMS = 16;

  /** Makes the plan. */
  public static EvaluationPlan of(
      ArrayInfo input,
      Dequantisation dequantisation,
      PointwiseLayer layer,
      PointwiseLayer decoder,
      TileSplit tiles,
      double[] centres,
      double[] spreads) {
    return new EvaluationPlan(
        input,
        dequantisation,
        layer,
        decoder,
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
