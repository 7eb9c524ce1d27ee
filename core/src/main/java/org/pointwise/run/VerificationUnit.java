package org.pointwise.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ObjectCheck;
import org.pointwise.format.ObjectCheck.Expected;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredState;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.ObjectHash;

/**
 * Looks at a unit's objects. It answers with a count for each {@link StoredState}, the number of
 * objects deleted, and then pairs: an object's ordinal and the ordinal of its state, of those in
 * which something is wrong.
 */
final class VerificationUnit implements MapUnit {
  /** Where the pairs begin. */
  static final int HEAD = StoredState.values().length + 1;

  /** How many numbers describe what is expected of an object. */
  static final int NUMBERS = 5;

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
  static ObjectCheck check(VerificationPlan plan, ByteStores stores) throws IOException {
    ByteStore store = stores.open(plan.output());
    StoredArray array = OutputFormats.named(plan.format()).array(store, plan.array(), plan.axes());
    if (array == null) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s is gone".formatted(plan.output(), plan.array()));
    }
    return array.check(plan.images());
  }

  /** What the receipts record of an object, as numbers of at most 32 bits. */
  static void put(Expected expected, double[] parameters, int i) {
    ObjectHash hash = expected.hash();
    int at = i * NUMBERS;
    parameters[at] = expected.bytes();
    parameters[at + 1] = hash == null ? -1 : hash.high() >>> 32;
    parameters[at + 2] = hash == null ? -1 : hash.high() & 0xffffffffL;
    parameters[at + 3] = hash == null ? -1 : hash.low() >>> 32;
    parameters[at + 4] = hash == null ? -1 : hash.low() & 0xffffffffL;
  }

  /** What {@link #put} wrote of the i-th object of a plan. */
  static Expected expected(double[] parameters, int i) {
    int at = i * NUMBERS;
    ObjectHash hash =
        parameters[at + 1] < 0
            ? null
            : new ObjectHash(
                (long) parameters[at + 1] << 32 | (long) parameters[at + 2],
                (long) parameters[at + 3] << 32 | (long) parameters[at + 4]);
    return new Expected((long) parameters[at], hash);
  }

  @Override
  public double[] apply(double[] parameters) {
    long[] counts = new long[HEAD];
    List<Double> pairs = new ArrayList<>();
    try {
      ByteStore store = stores.open(plan.output());
      ObjectCheck check = check(plan, stores);
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
