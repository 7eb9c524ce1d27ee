package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.InputDigestPlan;
import org.pointwise.plan.TileRanges;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Sums the digests of the objects of a unit's tiles, and separately those of past images alone. */
final class InputDigestWorker implements UnitWorker {
  private final InputDigestPlan plan;
  private final FeatureSource source;

  InputDigestWorker(InputDigestPlan plan, ByteStores stores) {
    this.plan = plan;
    this.source = Formats.reopened(stores, plan.input());
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> {
      TileRanges units = plan.units();
      double[] numbers = plan.zero();
      try {
        for (long tile = units.first(ordinal); tile < units.end(ordinal); tile++) {
          addObjects(tile, units.tiles().box(tile), numbers);
        }
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot look at the objects of %s: %s; remove the cause and run the same command again"
                .formatted(plan.input().uri(), e),
            e);
      }
      return UnitResult.of(numbers);
    };
  }

  /**
   * Adds a tile's objects, unless another tile that shares them adds them or they extend beyond the
   * last image.
   */
  private void addObjects(long tile, Box box, double[] numbers) throws IOException {
    Extent object = source.object();
    boolean first =
        box.n0() % object.n() == 0 && box.y0() % object.y() == 0 && box.x0() % object.x() == 0;
    if (!first || box.n0() + object.n() > plan.input().shape().n()) {
      return;
    }
    boolean isPast = box.n0() + object.n() <= plan.past();
    List<String> keys = source.objects(box);
    List<ObjectStatus> statuses = source.store().statusesOf(keys);
    InputDigests sum = InputDigests.none();
    int newest = InputDigestPlan.NEWEST;
    for (int i = 0; i < keys.size(); i++) {
      ObjectStatus status = statuses.get(i);
      sum = sum.plus(InputDigests.of(keys.get(i), status));
      if (isPast && status.modified() > numbers[newest]) {
        numbers[newest] = status.modified();
        numbers[newest + 1] = tile;
        numbers[newest + 2] = i;
      }
    }
    InputDigests.of(numbers, InputDigestPlan.SUM).plus(sum).put(numbers, InputDigestPlan.SUM);
    if (isPast) {
      InputDigests.of(numbers, 0).plus(sum).put(numbers, 0);
    }
  }
}
