package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.Storage;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.FeatureShape;
import org.pointwise.tensor.UpperTriangle;

/**
 * A pass over an input for its moments. A unit is a run of cells; what it finds is stored as one
 * object of the run folder, so that an interrupted pass continues. Immutable.
 */
public final class MomentsPlan implements StoringPlan {
  /** Above this the moments of one label no longer fit comfortably into an object. */
  public static final int MAX_CHANNELS = 4096;

  /** Input of a unit, at least, as a multiple of what it stores. */
  private static final int INPUT_PER_RESULT = 16;

  private static final long MIN_UNIT_INPUT = 32L << 20;
  private static final long MAX_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 16L << 20;
  private static final long DECODER_BYTES = 8L << 20;

  private static final long MAX_STORED_BYTES = Integer.MAX_VALUE - (1 << 20);

  /** What the driver reads of a pass, but for a single part. */
  private static final long MAX_DRIVER_BYTES = 64L << 20;

  private final PixelSelection spec;
  private final ArrayInfo input;
  private final TileRanges units;

  private MomentsPlan(PixelSelection spec, ArrayInfo input, TileRanges units) {
    this.spec = spec;
    this.input = input;
    this.units = units;
  }

  /**
   * Makes the plan.
   *
   * @throws InvalidInputException when there are too many channels, or the labels do not fit
   */
  public static MomentsPlan of(PixelSelection spec, ArrayInfo input) {
    if (input.shape().c() > MAX_CHANNELS) {
      throw new InvalidInputException(
          "Cannot take moments of %s: it has %d channels and at most %d are supported; reduce it first, or check --axes"
              .formatted(input.uri(), input.shape().c(), MAX_CHANNELS));
    }
    requireLabels(spec, input);
    long wanted = Math.max(MIN_UNIT_INPUT, INPUT_PER_RESULT * resultBytes(input, spec));
    // A whole branch of the tree each, so that a unit stores one node and not one a level.
    TileRanges runs = TileRanges.of(input, wanted, MAX_UNITS).powerOfTwo();
    return new MomentsPlan(spec, input, runs);
  }

  private static void requireLabels(PixelSelection spec, ArrayInfo input) {
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
    for (int image = 0; image < features.n(); image++) {
      Box given = labels.image(image);
      Box wanted = input.image(image);
      if (given.y() != wanted.y() || given.x() != wanted.x()) {
        throw new InvalidInputException(
            "Cannot use labels %s: image %d, %s, has labels of %d×%d but is %d×%d; give one label a pixel"
                .formatted(
                    labels.uri(),
                    image,
                    input.storage() == Storage.IMAGES
                        ? input.images().get(image).name()
                        : input.uri(),
                    given.y(),
                    given.x(),
                    wanted.y(),
                    wanted.x()));
      }
      if (labels.storage() != Storage.IMAGES && input.storage() != Storage.IMAGES) {
        break; // all have one size
      }
    }
  }

  private static String text(FeatureShape shape) {
    return "n=%d y=%d x=%d c=%d".formatted(shape.n(), shape.y(), shape.x(), shape.c());
  }

  /** Bytes of the moments of all groups. */
  private static long resultBytes(ArrayInfo input, PixelSelection spec) {
    int channels = input.shape().c();
    long group = Double.BYTES * ((long) UpperTriangle.length(channels) + channels);
    return (spec.classes() + 1L) * group;
  }

  /**
   * How what the units store is merged.
   *
   * @param parts the folder of the parts in the run folder
   */
  public MomentsMergePlan merging(String parts) {
    return new MomentsMergePlan(
        destination(), parts, 1, firstUnit(), unitCount(), mergeBytesPerTask());
  }

  /** Parts that the driver reads, at most; others are merged first. */
  public long driverParts() {
    return Math.max(1, MAX_DRIVER_BYTES / partBytes());
  }

  /** Bytes of what a unit stores, at most. */
  public long partBytes() {
    return Math.multiplyExact(storedSums(), resultBytes(input, spec));
  }

  /** Sums that a unit leaves, at most: one where its cells are a whole branch of the tree. */
  private long storedSums() {
    return neighbours()
        ? Math.max(1, Long.bitCount(units.tiles().count() % units.perUnit()))
        : waitingSums(units.perUnit());
  }

  /** Whether the parts of a run of cells are neighbours in the tree, from the run's first on. */
  private boolean neighbours() {
    return input.tile().n() == 1;
  }

  /**
   * Sums that wait in the tree while the parts of a run of cells are added, at most: one for each
   * level where they are neighbours. Where a cell holds parts of several images, the parts of each
   * image are neighbours of their own, in the first and in the last row of cells of the run; a run
   * that begins anywhere leaves two for each level.
   */
  private long waitingSums(long tiles) {
    long images = input.tile().n();
    long parts = Math.multiplyExact(tiles, images);
    int together = levels(parts) + 1;
    if (neighbours()) {
      return together;
    }
    long perImage = units.tiles().countOf(1);
    long apart = Math.min(tiles, perImage);
    return Math.min(
        parts,
        2L * together + (perImage == 1 ? 0 : 2 * images * Math.min(apart, 2L * levels(apart))));
  }

  private static int levels(long leaves) {
    return 64 - Long.numberOfLeadingZeros(leaves);
  }

  /** Sums that merged parts leave, at most: those of the edges of all that the units took. */
  private long mergedSums() {
    long all = units.tiles().count();
    if (!neighbours()) {
      return waitingSums(all);
    }
    return firstUnit() > 0 ? 2L * levels(all) : Long.bitCount(all);
  }

  /** Bytes that a task needs that merges: its tree, a part, and twice what it stores. */
  private long mergeBytesPerTask() {
    long sums = levels(MomentsMergePlan.FAN) + 4 * mergedSums();
    return Math.addExact(Math.multiplyExact(sums, resultBytes(input, spec)), TASK_OVERHEAD_BYTES);
  }

  private boolean merges() {
    return unitCount() - firstUnit() > driverParts();
  }

  public PixelSelection spec() {
    return spec;
  }

  @Override
  public ArrayInfo input() {
    return input;
  }

  /** Which cells each unit takes. */
  public TileRanges units() {
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
    return Math.max(input.memory().nativeBytes(), resultBytes(input, spec) * 5 / 4) + DECODER_BYTES;
  }

  @Override
  public long firstUnit() {
    return units.tiles().firstOf(spec.firstImage()) / units.perUnit();
  }

  /**
   * Bytes that one task needs at most, of the pass or of merging what it stored: one decoded cell,
   * its labels, the kernel, the sums of the tree that a unit's cells make, and twice their stored
   * form, which is put together from buffers.
   */
  @Override
  public long bytesPerTask() {
    long sums = waitingSums(units.perUnit()) + 1 + 2 * storedSums();
    long pass =
        Math.addExact(
            Math.addExact(input.memory().heap() + spec.labelBytes(input), TASK_OVERHEAD_BYTES),
            Math.addExact(
                MomentsKernel.scratchBytes(input.shape().c(), spec.classes() + 1),
                Math.multiplyExact(sums, resultBytes(input, spec))));
    return merges() ? Math.max(pass, mergeBytesPerTask()) : pass;
  }

  @Override
  public void requireFits(Resources resources) {
    long stored = merges() ? Math.max(storedSums(), mergedSums()) : storedSums();
    if (Math.multiplyExact(stored, resultBytes(input, spec)) > MAX_STORED_BYTES) {
      throw new InvalidInputException(
          "Cannot take moments of %s: up to %d sums of %d MiB would be stored as one object, which may have 2 GiB; use fewer --classes, reduce the channels first, or store the input in chunks of one image"
              .formatted(input.uri(), stored, (resultBytes(input, spec) >> 20) + 1));
    }
    resources.requireHeap(
        "Cannot run",
        bytesPerTask(),
        spec.classes() > 2
            ? ", fewer tasks at once, or a smaller --classes"
            : ", or fewer tasks at once");
    resources.requireNative(nativeBytesPerTask());
  }

  @Override
  public List<String> fingerprintInputs() {
    List<String> lines = new ArrayList<>();
    lines.add("pointwise moments 2");
    lines.add("input " + input.uri() + " " + input.identity());
    lines.add("axes " + input.axes() + " " + input.shape());
    lines.add("dequantisation " + input.describeExactNumbers());
    ArrayInfo labels = spec.labels();
    if (labels != null) {
      lines.add("labels " + labels.uri() + " " + labels.identity());
      lines.add("classes " + spec.classes() + " but " + spec.ignored());
    }
    lines.add("sample " + spec.sample() + " of " + spec.holdout());
    lines.add("units of " + units.perUnit() + " from image " + spec.firstImage());
    return lines;
  }

  @Override
  public List<String> lineageInputs() {
    return fingerprintInputs();
  }
}
