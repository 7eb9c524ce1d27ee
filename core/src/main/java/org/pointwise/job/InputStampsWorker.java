package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.CellRuns;
import org.pointwise.plan.InputStampsPlan;
import org.pointwise.store.ByteStore.Stamp;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.tensor.Extent;
import org.pointwise.work.ReadyUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Sums up the objects of the cells of a unit, those of past images apart, too. */
final class InputStampsWorker implements UnitWorker {
  private final InputStampsPlan plan;
  private final FeatureSource source;

  InputStampsWorker(InputStampsPlan plan, ByteStores stores) {
    this.plan = plan;
    try {
      this.source = Formats.reopen(stores, plan.input());
    } catch (IOException e) {
      throw Formats.unreadable(plan.input().uri(), e);
    }
  }

  @Override
  public ReadyUnit unit(long ordinal, Runnable any) {
    return (parameters, wanted) -> {
      CellRuns units = plan.units();
      double[] numbers = plan.nothing();
      try {
        for (long cell = units.first(ordinal); cell < units.end(ordinal); cell++) {
          look(cell, units.cells().box(cell), numbers);
        }
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot look at the objects of %s: %s; mend the cause and run the same command again"
                .formatted(plan.input().uri(), e),
            e);
      }
      return UnitResult.of(numbers);
    };
  }

  /** Adds a cell's objects, unless another cell that shares them adds them. */
  private void look(long cell, Box box, double[] numbers) throws IOException {
    Extent object = source.object();
    boolean first =
        box.n0() % object.n() == 0 && box.y0() % object.y() == 0 && box.x0() % object.x() == 0;
    if (!first || box.n0() + object.n() > plan.input().shape().n()) {
      return;
    }
    boolean isPast = box.n0() + object.n() <= plan.past();
    List<String> keys = source.objects(box);
    List<Stamp> stamps = source.store().stampsOf(keys);
    InputStamps sum = InputStamps.none();
    int newest = InputStampsPlan.NEWEST;
    for (int i = 0; i < keys.size(); i++) {
      Stamp stamp = stamps.get(i);
      sum = sum.plus(InputStamps.of(keys.get(i), stamp));
      if (isPast && stamp.modified() > numbers[newest]) {
        numbers[newest] = stamp.modified();
        numbers[newest + 1] = cell;
        numbers[newest + 2] = i;
      }
    }
    InputStamps.of(numbers, InputStampsPlan.SUM).plus(sum).put(numbers, InputStampsPlan.SUM);
    if (isPast) {
      InputStamps.of(numbers, 0).plus(sum).put(numbers, 0);
    }
  }
}
