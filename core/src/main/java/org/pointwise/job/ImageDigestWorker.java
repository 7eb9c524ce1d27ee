package org.pointwise.job;

import java.io.IOException;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.ImageDigestPlan;
import org.pointwise.plan.TileGrid;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.PixelSample;
import org.pointwise.tensor.Tile;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Sums hashes of the pixels of each image. Confined to one thread. */
final class ImageDigestWorker implements UnitWorker {
  private static final int HALF_BITS = 30;
  private static final long HALF = ImageDigestPlan.MODULUS - 1;

  private final ImageDigestPlan plan;
  private final TileGrid tiles;
  private final FeatureSource.Reader reader;
  private final PixelHash hash;

  ImageDigestWorker(ImageDigestPlan plan, ByteStores stores) {
    this.plan = plan;
    this.tiles = TileGrid.of(plan.input());
    this.hash = new PixelHash(plan.input(), false);
    try {
      FeatureSource.Reader strict = Formats.reopen(stores, plan.input()).reader();
      this.reader = plan.tolerant() ? new TolerantReader(strict) : strict;
    } catch (IOException e) {
      throw Formats.failedOnWorker(plan.input().uri(), e);
    }
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> {
      double[] numbers = plan.zero();
      try {
        for (long tile = plan.firstTile(ordinal); tile < plan.endTile(ordinal); tile++) {
          cancellationCheck.run();
          add(reader.read(tiles.box(tile)), numbers);
        }
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot read %s: %s; remove the cause and run the same command again"
                .formatted(plan.input().uri(), e),
            e);
      }
      return UnitResult.of(numbers);
    };
  }

  private void add(Tile tile, double[] numbers) {
    Box box = tile.box();
    long first = Math.max(plan.first(), box.n0());
    for (long n = first; n < Math.min(plan.end(), box.n1()); n++) {
      Box image = new Box(n, n + 1, box.y0(), box.y1(), box.x0(), box.x1());
      int at = Math.toIntExact((n - plan.first()) * ImageDigestPlan.NUMBERS_PER_IMAGE);
      if (!tile.unreadable().isEmpty()) {
        numbers[at + ImageDigestPlan.UNREADABLE] += image.pixels();
      }
      add(tile.crop(image), numbers, at);
    }
  }

  private void add(Tile tile, double[] numbers, int at) {
    long start = hash.start(tile, 0);
    long[] sums = new long[ImageDigestPlan.SUMS];
    long withData = 0;
    for (int p = 0; p < tile.box().pixels(); p++) {
      long low = hash.of(tile, p, start);
      long high = PixelSample.mix(low);
      sums[0] += low & HALF;
      sums[1] += low >>> HALF_BITS & HALF;
      sums[2] += high & HALF;
      sums[3] += high >>> HALF_BITS & HALF;
      withData += hash.hasData() ? 1 : 0;
    }
    for (int i = 0; i < sums.length; i++) {
      numbers[at + i] = (numbers[at + i] + (sums[i] & HALF)) % ImageDigestPlan.MODULUS;
    }
    numbers[at + ImageDigestPlan.WITH_DATA] += withData;
  }

  @Override
  public void close() {
    reader.close();
  }
}
