package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.quantise.Dequantisation;
import org.pointwise.tensor.ArrayInfo;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.Triangle;

/**
 * A pass over an input for its moments. A unit is a run of cells; what it finds is stored as one
 * object of the run folder, so that an interrupted pass continues. Immutable.
 */
public final class MomentsPlan implements UnitPlan {
  /** Above this the moments of one label no longer fit comfortably into an object. */
  public static final int MOST_CHANNELS = 4096;

  /** Input of a unit, at least, as a multiple of what it stores. */
  private static final int INPUT_PER_RESULT = 16;

  private static final long LEAST_UNIT_INPUT = 32L << 20;
  private static final long MOST_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 16L << 20;
  private static final long DECODER_BYTES = 8L << 20;

  private final MomentsSpec spec;
  private final ArrayInfo input;
  private final Dequantisation dequantisation;
  private final CellRuns units;

  private MomentsPlan(
      MomentsSpec spec, ArrayInfo input, Dequantisation dequantisation, CellRuns units) {
    this.spec = spec;
    this.input = input;
    this.dequantisation = dequantisation;
    this.units = units;
  }

  /**
   * Makes the plan.
   *
   * @throws InvalidInputException when there are too many channels, or the labels do not fit
   */
  public static MomentsPlan of(MomentsSpec spec, ArrayInfo input, Dequantisation dequantisation) {
    if (input.shape().c() > MOST_CHANNELS) {
      throw new InvalidInputException(
          "Cannot take moments of %s: it has %d channels and at most %d are supported; reduce it first, or check --axes"
              .formatted(input.uri(), input.shape().c(), MOST_CHANNELS));
    }
    requireLabels(spec, input);
    long wanted = Math.max(LEAST_UNIT_INPUT, INPUT_PER_RESULT * resultBytes(input, spec));
    // A whole branch of the tree each, so that a unit stores one node and not one a level.
    CellRuns runs = CellRuns.of(input, wanted, MOST_UNITS).powerOfTwo();
    return new MomentsPlan(spec, input, dequantisation, runs);
  }

  private static void requireLabels(MomentsSpec spec, ArrayInfo input) {
    ArrayInfo labels = spec.labels();
    if (labels == null) {
      return;
    }
    FeatureShape features = input.shape();
    FeatureShape found = labels.shape();
    boolean alike =
        found.n() == features.n() && found.y() == features.y() && found.x() == features.x();
    if (!alike || found.c() != 1) {
      throw new InvalidInputException(
          "Cannot use labels %s: they are %s but %s is %s; give one label a pixel, and --label-axes where the file names none"
              .formatted(labels.uri(), text(found), input.uri(), text(features)));
    }
    if (labels.type().floating()) {
      throw new InvalidInputException(
          "Cannot use labels %s: their type is %s; labels are whole numbers, 0 … classes − 1"
              .formatted(labels.uri(), labels.type()));
    }
  }

  private static String text(FeatureShape shape) {
    return "n=%d y=%d x=%d c=%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }

  /** Bytes of the moments of all groups. */
  private static long resultBytes(ArrayInfo input, MomentsSpec spec) {
    int channels = input.shape().c();
    long group = Double.BYTES * ((long) Triangle.length(channels) + channels);
    return (spec.classes() + 1L) * group;
  }

  /** Bytes of what the pass finds, and of what each unit stores. */
  public long resultBytes() {
    return resultBytes(input, spec);
  }

  public MomentsSpec spec() {
    return spec;
  }

  @Override
  public ArrayInfo input() {
    return input;
  }

  public Dequantisation dequantisation() {
    return dequantisation;
  }

  /** Which cells each unit takes. */
  public CellRuns units() {
    return units;
  }

  @Override
  public String destination() {
    return spec.output();
  }

  @Override
  public long unitCount() {
    return units.count();
  }

  @Override
  public long nativeBytesPerTask() {
    long cell = input.cell().pixels() * input.channelsPerChunk() * input.type().bytes();
    return Math.max(cell, resultBytes(input, spec)) * 5 / 4 + DECODER_BYTES;
  }

  @Override
  public long firstUnit() {
    return units.cells().firstOf(spec.firstImage()) / units.perUnit();
  }

  /**
   * Bytes that one task needs at most: one decoded cell, its labels, the kernel, a sum for each
   * level of the tree that a unit's cells make, and the stored form of the last.
   */
  @Override
  public long bytesPerTask() {
    long decoded =
        Math.multiplyExact(input.cell().pixels(), (long) input.shape().c() * input.type().bytes());
    long tile = decoded * 7 / 2;
    long parts = Math.multiplyExact(units.perUnit(), (long) input.cell().n());
    long levels = 66L - Long.numberOfLeadingZeros(parts);
    return Math.addExact(
        Math.addExact(tile + spec.labelBytes(input), TASK_OVERHEAD_BYTES),
        Math.addExact(
            MomentsKernel.scratchBytes(input.shape().c(), spec.classes() + 1),
            (levels + 2) * resultBytes(input, spec)));
  }

  @Override
  public void requireFits(Resources resources) {
    if (bytesPerTask() > resources.bytesPerTask()) {
      throw new InvalidInputException(
          "Cannot run: a task needs %d MiB but has %d MiB (%d tasks at once); use %s, fewer tasks at once%s"
              .formatted(
                  (bytesPerTask() >> 20) + 1,
                  resources.bytesPerTask() >> 20,
                  resources.tasks(),
                  resources.knob(),
                  spec.classes() > 2 ? ", or a smaller --classes" : ""));
    }
    resources.requireNative(nativeBytesPerTask());
  }

  @Override
  public List<String> facts() {
    List<String> facts = new ArrayList<>();
    facts.add("pointwise moments 1");
    facts.add("input " + input.uri() + " " + input.identity());
    facts.add("axes " + input.axes() + " " + input.shape());
    facts.add("dequantisation " + dequantisation);
    ArrayInfo labels = spec.labels();
    if (labels != null) {
      facts.add("labels " + labels.uri() + " " + labels.identity());
      facts.add("classes " + spec.classes() + " but " + spec.ignored());
    }
    facts.add("sample " + spec.sample() + " of " + spec.tiles());
    facts.add("units of " + units.perUnit() + " from image " + spec.firstImage());
    return facts;
  }

  @Override
  public List<String> seriesFacts() {
    return facts();
  }
}
