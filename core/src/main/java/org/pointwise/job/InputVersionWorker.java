package org.pointwise.job;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.format.FeatureSource;
import org.pointwise.format.Formats;
import org.pointwise.plan.InputVersionPlan;
import org.pointwise.store.ByteStore.ObjectStatus;
import org.pointwise.store.ByteStores;
import org.pointwise.tensor.Box;
import org.pointwise.work.InputVersion;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitWorker;

/** Digests the status of the objects of each unit of an input. Confined to one thread. */
final class InputVersionWorker implements UnitWorker {
  private final InputVersionPlan plan;
  private final FeatureSource source;

  InputVersionWorker(InputVersionPlan plan, ByteStores stores) {
    this.plan = plan;
    this.source = Formats.reopened(stores, plan.input());
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) -> {
      try {
        return UnitResult.of(numbers(version(plan, ordinal, source), ordinal));
      } catch (IOException e) {
        throw new IncompleteRunException(
            "Cannot look at the objects of %s: %s; remove the cause and run the same command again"
                .formatted(plan.input().uri(), e),
            e);
      }
    };
  }

  /** Reads the status of the objects of a unit. */
  static InputVersion version(InputVersionPlan plan, long unit, FeatureSource source)
      throws IOException {
    List<Box> boxes =
        IntStream.range(0, plan.boxCount(unit)).mapToObj(i -> plan.box(unit, i)).toList();
    return InputVersion.of(source, List.of(boxes));
  }

  private double[] numbers(InputVersion version, long unit) {
    double[] numbers = plan.zero();
    long[] halves = InputDigests.halves(version.digest());
    for (int i = 0; i < InputVersionPlan.SUMS; i++) {
      numbers[i] = halves[i];
    }
    for (ObjectStatus status : version.statuses()) {
      if (status.modified() > numbers[InputVersionPlan.NEWEST]) {
        numbers[InputVersionPlan.NEWEST] = status.modified();
        numbers[InputVersionPlan.NEWEST + 1] = unit;
      }
    }
    return numbers;
  }
}
