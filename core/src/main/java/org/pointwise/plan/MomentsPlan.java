package org.pointwise.plan;

import java.util.ArrayList;
import java.util.List;
import org.pointwise.conv.MomentsKernel;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.UpperTriangle;

/**
 * The plan of a moments pass over an input. A unit is a range of consecutive tiles. Its result is
 * stored as one object of the run folder, so that an interrupted pass continues. Immutable.
 */
public final class MomentsPlan implements StoringPlan {
  /** With more channels, the moments of one label no longer fit comfortably into an object. */
  public static final int MAX_CHANNELS = 4096;

  /** Minimum input bytes of a unit, as a multiple of the bytes that it stores. */
  private static final int INPUT_PER_RESULT = 16;

  private static final long MIN_UNIT_INPUT = 32L << 20;
  private static final long MAX_UNITS = 4096;
  private static final long TASK_OVERHEAD_BYTES = 16L << 20;
  private static final long DECODER_BYTES = 8L << 20;

  private static final long MAX_STORED_BYTES = Integer.MAX_VALUE - (1 << 20);

  /** Maximum bytes of parts that the driver reads; a single part may be larger. */
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
          "Cannot compute moments of %s: it has %d channels and at most %d are supported; reduce it first, or check --axes"
              .formatted(input.uri(), input.shape().c(), MAX_CHANNELS));
    }
    long target = Math.max(MIN_UNIT_INPUT, INPUT_PER_RESULT * resultBytes(input, spec));
    // Each unit is a complete subtree, so that it stores one node instead of one per level.
    TileRanges runs = TileRanges.of(input, target, MAX_UNITS).powerOfTwo();
    return new MomentsPlan(spec, input, runs);
  }

  /** Bytes of the moments of all groups: one group per class, and one for unlabelled pixels. */
  private static long resultBytes(ArrayInfo input, PixelSelection spec) {
    int channels = input.shape().c();
    long group = Double.BYTES * ((long) UpperTriangle.length(channels) + channels);
    return (spec.classes() + 1L) * group;
  }

  /**
   * The plan of the first level of merging the parts that the units store.
   *
   * @param parts the folder of the parts in the run folder
   */
  public MomentsMergePlan merging(String parts) {
    return new MomentsMergePlan(
        destination(), parts, 1, firstUnit(), unitCount(), mergeBytesPerTask());
  }

  /** Maximum number of parts that the driver reads; more parts are merged first. */
  public long driverParts() {
    return Math.max(1, MAX_DRIVER_BYTES / partBytes());
  }

  /** Maximum bytes that a unit stores. */
  public long partBytes() {
    return Math.multiplyExact(storedSums(), resultBytes(input, spec));
  }

  /** Maximum number of sums that a unit stores: one where its tiles are a complete subtree. */
  private long storedSums() {
    return neighbours()
        ? Math.max(1, Long.bitCount(units.tiles().count() % units.perUnit()))
        : waitingSums(units.perUnit());
  }

  /**
   * Whether the parts of consecutive tiles are consecutive leaves, from the first tile's part on.
   */
  private boolean neighbours() {
    return input.tile().n() == 1;
  }

  /**
   * Maximum number of sums that are pending in the tree while the parts of a range of consecutive
   * tiles are added. Where the parts are consecutive leaves, it is one per level. Where a tile
   * holds several images, the range may contain only some of the tiles that hold its first and its
   * last images; there, the parts of each image are a separate range of leaves. A range of leaves
   * that begins at an arbitrary leaf leaves two sums per level.
   */
  private long waitingSums(long tiles) {
    long images = input.tile().n();
    long parts = Math.multiplyExact(tiles, images);
    int perRange = levels(parts) + 1;
    if (neighbours()) {
      return perRange;
    }
    long perImage = units.tiles().countOf(1);
    long separateTiles = Math.min(tiles, perImage);
    return Math.min(
        parts,
        2L * perRange
            + (perImage == 1
                ? 0
                : 2 * images * Math.min(separateTiles, 2L * levels(separateTiles))));
  }

  private static int levels(long leaves) {
    return 64 - Long.numberOfLeadingZeros(leaves);
  }

  /**
   * Maximum number of sums that remain after all parts are merged: those at the edges of the range
   * of leaves that the units cover.
   */
  private long mergedSums() {
    long all = units.tiles().count();
    if (!neighbours()) {
      return waitingSums(all);
    }
    return firstUnit() > 0 ? 2L * levels(all) : Long.bitCount(all);
  }

  /** Bytes that a merging task needs: its tree, one part, and twice the bytes that it stores. */
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

  /** The tiles of each unit. */
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
   * Maximum heap bytes of one task of the pass or of the merging. A task of the pass needs one
   * decoded tile, its labels, the kernel, the sums of the tree over the tiles of a unit, and twice
   * the stored form of these sums, which is assembled from buffers.
   */
  @Override
  public long bytesPerTask() {
    long sums = waitingSums(units.perUnit()) + 1 + 2 * storedSums();
    long pass =
        Math.addExact(
            Math.addExact(input.memory().heap() + spec.labelBytes(input), TASK_OVERHEAD_BYTES),
            Math.addExact(
                MomentsKernel.scratchBytes(
                    input.quantisation().type(), input.shape().c(), spec.classes() + 1),
                Math.multiplyExact(sums, resultBytes(input, spec))));
    return merges() ? Math.max(pass, mergeBytesPerTask()) : pass;
  }

  @Override
  public void requireFits(Resources resources) {
    long stored = merges() ? Math.max(storedSums(), mergedSums()) : storedSums();
    if (Math.multiplyExact(stored, resultBytes(input, spec)) > MAX_STORED_BYTES) {
      throw new InvalidInputException(
          "Cannot compute moments of %s: up to %d sums of %d MiB would be stored as one object, which may have 2 GiB; use fewer --classes, reduce the channels first, or store the input in chunks of one image"
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
    boolean inFloat64 = !input.quantisation().type().exactAsFloat32();
    lines.add("pointwise moments " + (inFloat64 ? 3 : 2)); // their bytes differ
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
