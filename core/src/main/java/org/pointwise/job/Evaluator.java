package org.pointwise.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pointwise.conv.KernelProvider;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.ArrayInfo;
import org.pointwise.learn.EvaluationSums;
import org.pointwise.plan.EvaluationPlan;
import org.pointwise.plan.EvaluationPlan.Candidate;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.tensor.Tile;
import org.pointwise.work.InputVersion;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitResultCache;
import org.pointwise.work.UnitWorker;

/**
 * Reduces pixels by layers, reconstructs them by decoders, and compares the result with the input.
 * Confined to one thread.
 */
public final class Evaluator implements UnitWorker {
  private final EvaluationPlan plan;
  private final SelectedTiles tiles;
  private final List<StoredPixels> storedResults = new ArrayList<>();
  private final List<RoundTrip> roundTrips = new ArrayList<>();
  private final PixelReader pixels;
  private final @Nullable UnitResultCache cache;

  /** Receives each pixel, for pictures. */
  @FunctionalInterface
  public interface PixelListener {
    /**
     * Receives a pixel that is not masked.
     *
     * @param reduced its channels as the first candidate reduces them
     * @param error |x − x̂|
     */
    void pixel(long n, long y, long x, float[] reduced, double error);
  }

  public Evaluator(EvaluationPlan plan, ByteStores stores, KernelProvider provider) {
    this(plan, stores, provider, UnitResultCache.MIN_DURATION);
  }

  /**
   * @param min results of units that took at least this long are cached
   */
  Evaluator(EvaluationPlan plan, ByteStores stores, KernelProvider provider, Duration min) {
    this.plan = plan;
    this.pixels = new PixelReader(plan.input().quantisation(), plan.input().shape().c());
    for (Candidate candidate : plan.candidates()) {
      ArrayInfo info = candidate.stored();
      StoredPixels results = info == null ? null : new StoredPixels(info, stores);
      if (results != null) {
        storedResults.add(results);
      }
      roundTrips.add(new RoundTrip(plan, candidate, results, provider));
    }
    this.tiles = SelectedTiles.of(plan.input(), plan.units(), plan.holdout(), stores);
    this.cache =
        plan.destination().isEmpty()
            ? null
            : new UnitResultCache(plan.destination(), plan.fingerprintInputs(), stores, min);
  }

  /**
   * Evaluates all selected pixels of a unit. The result holds the sums of each candidate, one after
   * another.
   */
  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> {
      try {
        if (cache == null) {
          tiles.renew(ordinal);
          renewStored(ordinal);
          return UnitResult.of(sums(ordinal, cancellationCheck));
        }
        InputVersion objects = tiles.objects(ordinal);
        tiles.renew(objects);
        String basis = Long.toHexString(objects.digest()) + renewStored(ordinal);
        return UnitResult.of(cache.of(ordinal, basis, () -> sums(ordinal, cancellationCheck)));
      } catch (IOException e) {
        throw unfinished(e);
      }
    };
  }

  /** Reads changed objects of the stored results anew, and returns the digests of all of them. */
  private String renewStored(long ordinal) throws IOException {
    StringBuilder digests = new StringBuilder();
    for (StoredPixels results : storedResults) {
      digests.append(' ').append(Long.toHexString(results.renew(tiles.tiles(ordinal)).digest()));
    }
    return digests.toString();
  }

  private double[] sums(long ordinal, Runnable cancellationCheck) {
    List<EvaluationSums> sums = plan.empty();
    try {
      tiles.each(
          ordinal,
          cancellationCheck,
          (tileBox, box, selected, stored) -> compare(stored, selected, sums, null));
    } catch (IOException e) {
      throw unfinished(e);
    }
    return plan.concatenate(sums);
  }

  /** Evaluates the selected parts of a tile. */
  public void evaluate(Box tileBox, List<EvaluationSums> sums, PixelListener listener) {
    List<Box> selected = tiles.selected(tileBox);
    if (!selected.isEmpty()) {
      try {
        compare(tiles.reader().read(tileBox), selected, sums, listener);
      } catch (IOException e) {
        throw unfinished(e);
      }
    }
  }

  private IncompleteRunException unfinished(IOException e) {
    return new IncompleteRunException(
        "Cannot evaluate on %s: %s".formatted(plan.input().uri(), e), e);
  }

  private void compare(
      @Nullable Tile stored,
      List<Box> selected,
      List<EvaluationSums> sums,
      @Nullable PixelListener listener) {
    if (stored == null) {
      return; // no part is selected
    }
    for (Box tile : selected) {
      sums.forEach(EvaluationSums::beginTile);
      Extent part = new Extent(1, Math.max(1, EvaluationPlan.BATCH_PIXELS / tile.x()), tile.x());
      tile.split(part, box -> compare(stored.crop(box), sums, listener));
      sums.forEach(sum -> sum.endTile(tile.n0(), tile.y0(), tile.x0()));
    }
  }

  @Override
  public void close() {
    tiles.close();
    roundTrips.forEach(RoundTrip::close);
  }

  /** Returns whether all candidates have finite outputs, so that all measure the same pixels. */
  private boolean reducible(int p) {
    for (RoundTrip roundTrip : roundTrips) {
      if (!roundTrip.usable(p)) {
        return false;
      }
    }
    return true;
  }

  private void compare(Tile tile, List<EvaluationSums> sums, @Nullable PixelListener listener) {
    Box box = tile.box();
    if (tile.nodata()) {
      sums.forEach(sum -> sum.skip(box.pixels()));
      return;
    }
    roundTrips.forEach(roundTrip -> roundTrip.apply(tile));
    RoundTrip first = roundTrips.get(0);
    for (int p = 0; p < box.pixels(); p++) {
      double[] pixel = pixels.read(tile, p);
      if (!pixels.usable() || !reducible(p)) { // a ReLU maps −∞ to 0
        for (int i = 0; i < roundTrips.size(); i++) {
          sums.get(i).skip(1);
          if (pixels.usable()) {
            roundTrips.get(i).countLost(p, sums.get(i));
          }
        }
        continue;
      }
      for (int i = 0; i < roundTrips.size(); i++) {
        roundTrips.get(i).compare(pixel, p, sums.get(i));
      }
      first.addToHistograms(p, sums.get(0));
      if (listener != null) {
        double error = first.error(pixel, p);
        listener.pixel(
            box.n0(), box.y0() + p / box.x(), box.x0() + p % box.x(), first.channels(p), error);
      }
    }
  }
}
