package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.StoredState;
import org.pointwise.store.zarr.ZarrArray;
import org.pointwise.store.zarr.ZarrCheck;
import org.pointwise.store.zarr.ZarrCheck.Expected;
import org.pointwise.store.zarr.ZarrNodes;

/**
 * Looks at a unit's objects. It answers with a count for each {@link StoredState}, the number of
 * objects deleted, and then pairs: an object's ordinal and the ordinal of its state, of those in
 * which something is wrong.
 */
final class VerificationUnit implements MapUnit {
  /** Where the pairs begin. */
  static final int HEAD = StoredState.values().length + 1;

  private static final int MOST_PAIRS = 100;

  private final VerificationPlan plan;
  private final long unit;
  private final ByteStores stores;

  VerificationUnit(VerificationPlan plan, long unit, ByteStores stores) {
    this.plan = plan;
    this.unit = unit;
    this.stores = stores;
  }

  /** The array to look at. */
  static ZarrCheck check(VerificationPlan plan, ByteStores stores) throws IOException {
    ByteStore store = stores.open(plan.output());
    ZarrArray array = ZarrNodes.array(store, ByteStore.checkKey(plan.array()));
    if (array == null) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s is gone".formatted(plan.output(), plan.array()));
    }
    return new ZarrCheck(array, plan.axes(), plan.images());
  }

  /** What the receipts tell of the i-th object of a plan. */
  static Expected expected(double[] parameters, int i) {
    return new Expected((long) parameters[2 * i], (long) parameters[2 * i + 1]);
  }

  @Override
  public double[] apply(double[] parameters) {
    long[] counts = new long[HEAD];
    List<Double> pairs = new ArrayList<>();
    try {
      ByteStore store = stores.open(plan.output());
      ZarrCheck check = check(plan, stores);
      for (int i = plan.begin(unit); i < plan.end(unit); i++) {
        long ordinal = plan.first() + i;
        StoredState state = check.check(ordinal, expected(parameters, i), plan.deep()).state();
        tell(ordinal, state, 1, counts, pairs);
        if (plan.delete() && state.deletable()) {
          delete(store, check.key(ordinal), counts);
        }
        List<String> leftOvers = check.leftOvers(ordinal);
        if (!leftOvers.isEmpty()) {
          tell(ordinal, StoredState.LEFT_OVER, leftOvers.size(), counts, pairs);
        }
        for (String key : plan.delete() ? leftOvers : List.<String>of()) {
          delete(store, key, counts);
        }
      }
    } catch (IOException e) {
      throw new IncompleteRunException(
          "Cannot verify %s: %s; mend the cause and verify again".formatted(plan.output(), e), e);
    }
    double[] answer = new double[HEAD + pairs.size()];
    for (int i = 0; i < HEAD; i++) {
      answer[i] = counts[i];
    }
    for (int i = 0; i < pairs.size(); i++) {
      answer[HEAD + i] = pairs.get(i);
    }
    return answer;
  }

  private static void tell(
      long ordinal, StoredState state, int more, long[] counts, List<Double> pairs) {
    counts[state.ordinal()] += more;
    if (state.wrong() && pairs.size() < 2 * MOST_PAIRS) {
      pairs.add((double) ordinal);
      pairs.add((double) state.ordinal());
    }
  }

  private static void delete(ByteStore store, String key, long[] counts) throws IOException {
    store.delete(key);
    counts[HEAD - 1]++;
  }
}
