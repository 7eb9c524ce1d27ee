package org.pointwise.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.CorruptDataException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.format.ArrayView;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.HoldoutBlocks;
import org.pointwise.plan.TrainingTiles;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;

/**
 * A digest of a sample of the pixels that a layer is fitted on, by which the array is recognised
 * later. It depends on the positions and the numbers of these pixels, not on where or in which
 * chunks they are stored. Masks are not applied.
 *
 * <p>The sample contains pixels of the first images, of which there are at least {@value
 * #MIN_FIRST}, and more if they are small, up to {@value #MAX_FIRST}; and of {@value #STRATA} of
 * the images between each doubling of this number: all training pixels of an image of at most 2²⁰
 * numbers, and those in runs of at most {@value #RUN} columns, at {@value #RUNS} × {@value #RUNS}
 * places, of a larger image. An array that differs only in other pixels is taken for the same
 * array, unless {@link #coversAll}. Digests are sums, so that the digest of appended images is
 * added. Held-out pixels are not read.
 */
public final class TrainingDigest {
  private static final int MIN_FIRST = 16;
  private static final int MAX_FIRST = 512;
  private static final int STRATA = 16;

  /** Numbers of the first images. */
  private static final long BUDGET = 1L << 26;

  private static final long MAX_NUMBERS = 1L << 20;
  private static final int RUNS = 4;
  private static final int RUN = 32;

  private final long low;
  private final long high;

  private TrainingDigest(long low, long high) {
    this.low = low;
    this.high = high;
  }

  /**
   * Computes the digest of some images.
   *
   * @param first the first image
   * @return null if one of the pixels cannot be decoded, or if the sample has no pixel with data
   */
  public static @Nullable TrainingDigest of(TrainingTiles tiles, long first, ByteStores stores) {
    ArrayInfo fitted = tiles.fitted();
    ArrayInfo info = fitted.view() instanceof ArrayView.Masked masked ? masked.unmasked() : fitted;
    try {
      FeatureSource source = Formats.reopen(stores, info);
      Sum sum = new Sum(info);
      try (FeatureSource.Reader reader = source.reader()) {
        HoldoutBlocks blocks = tiles.split().of(fitted);
        for (Box box : sample(info, first, info.shape().n(), blocks)) {
          sum.add(reader.read(box));
        }
      }
      return sum.hasData ? new TrainingDigest(sum.low, sum.high) : null;
    } catch (CorruptDataException e) {
      return null; // a fit that hides these pixels by a mask does not read them
    } catch (IOException e) {
      throw new IncompleteRunException("Cannot read %s: %s".formatted(info.uri(), e), e);
    }
  }

  /** Returns the sampled training pixels as boxes, of which each lies in one tile. */
  private static List<Box> sample(ArrayInfo info, long first, long end, HoldoutBlocks blocks) {
    List<Box> boxes = new ArrayList<>();
    images(info, first, end)
        .forEach(
            n -> {
              for (Box box : places(info.image(n), info.shape().c())) {
                info.split(box, part -> boxes.addAll(blocks.in(part)));
              }
            });
    return boxes;
  }

  /** Returns the images of the sample from {@code first} to {@code end}, in ascending order. */
  private static LongStream images(ArrayInfo info, long first, long end) {
    long all = first(info);
    LongStream images = LongStream.range(first, Math.max(first, Math.min(end, all)));
    for (long octave = all; octave < end; octave *= 2) {
      long width = octave / STRATA;
      for (int stratum = 0; stratum < STRATA; stratum++) {
        long base = octave + stratum * width;
        long n = base + Long.remainderUnsigned(PixelSample.mix(base), width);
        images = n >= first && n < end ? LongStream.concat(images, LongStream.of(n)) : images;
      }
    }
    return images;
  }

  /** Returns how many images at the beginning are all in the sample. */
  private static long first(ArrayInfo info) {
    long images = BUDGET / (info.shape().y() * info.shape().x() * info.shape().c());
    return Long.highestOneBit(Math.max(MIN_FIRST, Math.min(MAX_FIRST, images)));
  }

  /** Returns whether the sample of an array has all training pixels. */
  public static boolean coversAll(ArrayInfo info) {
    long numbers = info.shape().y() * info.shape().x() * info.shape().c();
    return info.shape().n() <= first(info) && numbers <= MAX_NUMBERS;
  }

  private static List<Box> places(Box image, int channels) {
    if (image.pixels() <= MAX_NUMBERS / channels) {
      return List.of(image);
    }
    List<Box> places = new ArrayList<>();
    for (int i = 0; i < RUNS * RUNS; i++) {
      long y = image.y1() * (2L * (i / RUNS) + 1) / (2 * RUNS);
      long x = image.x1() * (2L * (i % RUNS) + 1) / (2 * RUNS);
      long x1 = Math.min(image.x1(), x + RUN);
      places.add(new Box(image.n0(), image.n1(), y, y + 1, x, x1));
    }
    return places;
  }

  /** Returns the digest of two sets of images. */
  public TrainingDigest plus(TrainingDigest other) {
    return new TrainingDigest(low + other.low, high + other.high);
  }

  /** Returns the text form, 32 hexadecimal digits. */
  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public static TrainingDigest parse(String text) {
    if (!text.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException("'%s' is no digest".formatted(text));
    }
    return new TrainingDigest(
        Long.parseUnsignedLong(text.substring(16), 16),
        Long.parseUnsignedLong(text.substring(0, 16), 16));
  }

  /** Sums hashes of pixels. */
  private static final class Sum {
    private final PixelHash pixels;
    private long low;
    private long high;
    private boolean hasData; // whether a pixel has data

    Sum(ArrayInfo info) {
      this.pixels = new PixelHash(info, true);
    }

    void add(Tile tile) {
      long start = pixels.start(tile, tile.box().n0());
      for (int p = 0; p < tile.box().pixels(); p++) {
        long hash = pixels.of(tile, p, start);
        hasData |= pixels.hasData();
        low += hash;
        high += PixelSample.mix(hash);
      }
    }
  }
}
