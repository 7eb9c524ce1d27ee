package org.pointwise.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.PointwiseLayer;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.tensor.NumberText;

/**
 * The plan of a pass over tiles that sends each pixel through layers and back through their
 * decoders. Immutable.
 *
 * @param destination path of the report; units cache numbers in its run folder; empty to cache none
 * @param candidates the layers and stored results to measure, then the baselines
 * @param fits the distinct sets of tiles that candidates were fitted on
 * @param centres centres of the histograms of the first candidate's first channels
 * @param spreads half the width of each histogram
 */
public record EvaluationPlan(
    String destination,
    ArrayInfo input,
    List<Candidate> candidates,
    List<TrainingTiles> fits,
    HoldoutSplit holdout,
    double[] centres,
    double[] spreads,
    TileRanges units)
    implements UnitPlan {
  private static final long UNIT_INPUT = 4L << 20;
  private static final long MAX_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 32L << 20;

  /** Pixels that go through the layers at once, unless a row of a tile has more. */
  public static final int BATCH_PIXELS = 2048;

  /** Maximum number of channels that get a histogram. */
  public static final int MAX_HISTOGRAMS = 16;

  /**
   * The value of {@link Candidate#fit} for training tiles that are not known or not of interest.
   */
  public static final int NO_FIT = -1;

  /**
   * A layer and the decoder that reconstructs the input channels from its output channels.
   *
   * @param stored the stored outputs of the layer, which are read instead of computed, with the
   *     images, rows and columns of the input; null to compute the outputs
   * @param fit index of the tiles that the layer was fitted on, or {@link #NO_FIT}
   */
  public record Candidate(
      String name,
      PointwiseLayer layer,
      PointwiseLayer decoder,
      @Nullable ArrayInfo stored,
      int fit) {
    /** Makes a candidate whose outputs are computed, without training tiles. */
    public Candidate(String name, PointwiseLayer layer, PointwiseLayer decoder) {
      this(name, layer, decoder, null, NO_FIT);
    }
  }

  /** Makes the plan. */
  public static EvaluationPlan of(
      String destination,
      ArrayInfo input,
      List<Candidate> candidates,
      List<TrainingTiles> fits,
      HoldoutSplit holdout,
      double[] centres,
      double[] spreads) {
    return new EvaluationPlan(
        destination,
        input,
        List.copyOf(candidates),
        List.copyOf(fits),
        holdout,
        centres,
        spreads,
        TileRanges.of(input, UNIT_INPUT, MAX_UNITS));
  }

  @Override
  public long unitCount() {
    return units.count();
  }

  /** Sums over no pixels, for each candidate. */
  public List<EvaluationSums> empty() {
    List<EvaluationSums> sums = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      sums.add(new EvaluationSums(i == 0 ? centres.length : 0));
    }
    return sums;
  }

  /** The sums of all candidates, concatenated. */
  public double[] concatenate(List<EvaluationSums> sums) {
    return sums.stream().flatMapToDouble(sum -> Arrays.stream(sum.toArray())).toArray();
  }

  /** Splits what {@link #concatenate} concatenated. */
  public List<EvaluationSums> split(double[] values) {
    List<EvaluationSums> sums = new ArrayList<>();
    int at = 0;
    for (EvaluationSums empty : empty()) {
      int length = empty.toArray().length;
      sums.add(EvaluationSums.of(Arrays.copyOfRange(values, at, at + length)));
      at += length;
    }
    return sums;
  }

  /** All inputs that determine the numbers of all units. */
  public String fingerprintInputs() {
    StringBuilder lines = new StringBuilder("pointwise evaluation 2\n");
    lines.append(input.uri()).append(' ').append(input.identity()).append('\n');
    lines.append(input.axes()).append(' ').append(input.shape()).append('\n');
    lines.append(input.describeExactNumbers()).append('\n');
    for (Candidate candidate : candidates) {
      lines.append(candidate.layer().sha256()).append(' ');
      lines.append(candidate.decoder().sha256()).append(' ').append(candidate.fit());
      ArrayInfo stored = candidate.stored();
      lines.append(stored == null ? "" : " stored " + stored.uri() + " " + stored.identity());
      lines.append('\n');
    }
    for (TrainingTiles fit : fits) {
      lines.append(fit.fingerprintInputs()).append('\n');
    }
    lines.append(holdout).append(" in ").append(units.perUnit()).append('\n');
    return lines.append(NumberText.of(centres)).append(NumberText.of(spreads)).toString();
  }

  @Override
  public double[] add(double[] left, double[] right) {
    List<EvaluationSums> sums = split(left);
    List<EvaluationSums> rightSums = split(right);
    for (int i = 0; i < sums.size(); i++) {
      sums.get(i).add(rightSums.get(i));
    }
    return concatenate(sums);
  }

  @Override
  public double[] zero() {
    return concatenate(empty());
  }

  @Override
  public long bytesPerTask() {
    long buffers = 0;
    for (Candidate candidate : candidates) {
      // Each pixel reduced and reconstructed, in float32 and in float16.
      int channels = candidate.layer().outChannels() + input.shape().c();
      buffers += 2L * Float.BYTES * channels * Math.max(BATCH_PIXELS, input.tile().x());
      ArrayInfo stored = candidate.stored();
      buffers += stored == null ? 0 : stored.memory().heap();
    }
    return input.memory().heap() + buffers + TASK_OVERHEAD_BYTES;
  }

  @Override
  public void requireFits(Resources resources) {
    resources.requireHeap("Cannot evaluate", bytesPerTask(), ", or fewer tasks at once");
  }

  /** Compares by identity, not by value. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
