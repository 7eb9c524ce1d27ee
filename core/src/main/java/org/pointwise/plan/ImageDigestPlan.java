package org.pointwise.plan;

import org.pointwise.format.ArrayInfo;
import org.pointwise.tensor.Grid;

/**
 * The plan of a pass that digests the pixels of each of some consecutive images. Immutable.
 *
 * @param first the first image
 * @param end the image after the last one
 * @param tolerant whether chunks that cannot be decoded are accepted
 */
public record ImageDigestPlan(ArrayInfo input, long first, long end, boolean tolerant)
    implements UnitPlan {
  /** Sums of hashes of the pixels of an image. */
  public static final int SUMS = 4;

  /** The sums are modulo this number; a double holds them exactly. */
  public static final long MODULUS = 1L << 30;

  /** The number of an image's pixels with data, after the sums. */
  public static final int WITH_DATA = SUMS;

  /** The number of an image's pixels that cannot be decoded. */
  public static final int UNREADABLE = SUMS + 1;

  /** Numbers of an image. */
  public static final int NUMBERS_PER_IMAGE = SUMS + 2;

  /** Maximum number of images. */
  public static final long MAX_IMAGES = 1L << 16;

  private static final long UNIT_BYTES = 32L << 20;
  private static final long MAX_UNITS = 4096;
  private static final long TASK_BYTES = 16L << 20;

  /** The tiles of each unit, counted from {@link #firstTile}. */
  private long tilesPerUnit() {
    return TileRanges.of(input, UNIT_BYTES, MAX_UNITS).perUnit();
  }

  /** The first tile that holds pixels of the images. */
  public long firstTile() {
    return TileGrid.of(input).firstOf(first);
  }

  /** The tile after the last one that holds pixels of the images. */
  public long endTile() {
    return TileGrid.of(input).countOf(end);
  }

  /** The first tile of a unit. */
  public long firstTile(long unit) {
    return firstTile() + unit * tilesPerUnit();
  }

  /** The tile after the last one of a unit. */
  public long endTile(long unit) {
    return Math.min(endTile(), firstTile(unit + 1));
  }

  @Override
  public long unitCount() {
    return Grid.ceil(endTile() - firstTile(), tilesPerUnit());
  }

  @Override
  public double[] zero() {
    return new double[Math.toIntExact((end - first) * NUMBERS_PER_IMAGE)];
  }

  @Override
  public double[] add(double[] left, double[] right) {
    for (int i = 0; i < left.length; i++) {
      double sum = left[i] + right[i];
      left[i] = i % NUMBERS_PER_IMAGE < SUMS ? sum % MODULUS : sum;
    }
    return left;
  }

  @Override
  public long bytesPerTask() {
    return TASK_BYTES
        + input.memory().heap()
        + 2 * Double.BYTES * NUMBERS_PER_IMAGE * (end - first);
  }

  @Override
  public void requireFits(Resources resources) {
    resources.requireHeap("Cannot digest the images of " + input.uri(), bytesPerTask(), "");
  }
}
