package org.pointwise.job;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.pointwise.errors.IncompleteRunException;
import org.pointwise.errors.InvalidInputException;
import org.pointwise.format.ObjectChecker;
import org.pointwise.format.ObjectChecker.Expected;
import org.pointwise.format.OutputFormats;
import org.pointwise.format.StoredArray;
import org.pointwise.format.StoredState;
import org.pointwise.plan.VerificationPlan;
import org.pointwise.store.ByteStore;
import org.pointwise.store.ByteStores;
import org.pointwise.store.ObjectHash;
import org.pointwise.work.PreparedUnit;
import org.pointwise.work.RunFolder;
import org.pointwise.work.UnitResult;
import org.pointwise.work.UnitResultCache;
import org.pointwise.work.UnitWorker;

/**
 * Verifies the objects of a unit. Its result has the layout that {@link VerificationPlan} defines.
 */
final class VerificationWorker implements UnitWorker {
  /** How many numbers encode the length and the hash expected of an object. */
  static final int NUMBERS_PER_OBJECT = 5;

  private final VerificationPlan plan;
  private final ByteStore store;
  private final ObjectChecker check;
  private final @Nullable UnitResultCache cache;

  VerificationWorker(VerificationPlan plan, ByteStores stores) {
    this(plan, stores, UnitResultCache.MIN_DURATION);
  }

  /**
   * @param min results of units that took at least this long are cached
   */
  VerificationWorker(VerificationPlan plan, ByteStores stores, Duration min) {
    this.plan = plan;
    this.store = stores.open(plan.output());
    this.cache =
        plan.delete()
            ? null
            : new UnitResultCache(plan.output(), plan.fingerprintInputs(), stores, min);
    try {
      this.check = check(plan, stores);
    } catch (IOException e) {
      throw unfinished(e);
    }
  }

  /** Opens the checker of the plan's array. */
  static ObjectChecker check(VerificationPlan plan, ByteStores stores) throws IOException {
    ByteStore store = stores.open(plan.output());
    StoredArray array = OutputFormats.named(plan.format()).array(store, plan.array(), plan.axes());
    if (array == null) {
      throw new InvalidInputException(
          "Cannot verify %s: its array %s is gone".formatted(plan.output(), plan.array()));
    }
    return new UnfinishedAppendChecker(
        array.check(plan.images()), RunFolder.of(plan.output(), stores).store(), array.shape().n());
  }

  /**
   * Encodes what the receipts record of an object: its length, and its hash as numbers of 32 bits.
   */
  static void put(Expected expected, double[] parameters, int i) {
    ObjectHash hash = expected.hash();
    int at = i * NUMBERS_PER_OBJECT;
    parameters[at] = expected.bytes();
    parameters[at + 1] = hash == null ? -1 : hash.high() >>> 32;
    parameters[at + 2] = hash == null ? -1 : hash.high() & 0xffffffffL;
    parameters[at + 3] = hash == null ? -1 : hash.low() >>> 32;
    parameters[at + 4] = hash == null ? -1 : hash.low() & 0xffffffffL;
  }

  /** Decodes what {@link #put} encoded of the i-th object of a plan. */
  static Expected expected(double[] parameters, int i) {
    int at = i * NUMBERS_PER_OBJECT;
    ObjectHash hash =
        parameters[at + 1] < 0
            ? null
            : new ObjectHash(
                (long) parameters[at + 1] << 32 | (long) parameters[at + 2],
                (long) parameters[at + 3] << 32 | (long) parameters[at + 4]);
    return new Expected((long) parameters[at], hash);
  }

  @Override
  public PreparedUnit unit(long ordinal, Runnable any) {
    return (parameters, cancellationCheck) ->
        UnitResult.of(
            cache == null
                ? examine(ordinal, parameters, cancellationCheck)
                : cache.of(
                    ordinal,
                    objects(ordinal, parameters),
                    () -> examine(ordinal, parameters, cancellationCheck)));
  }

  /** Returns the status of the objects of a unit, and what is expected of them. */
  private String objects(long unit, double[] parameters) {
    int begin = plan.begin(unit);
    int end = plan.end(unit);
    List<String> keys =
        IntStream.range(begin, end).mapToObj(i -> check.key(plan.first() + i)).toList();
    try {
      return store.statusesOf(keys)
          + Arrays.toString(
              Arrays.copyOfRange(parameters, begin * NUMBERS_PER_OBJECT, end * NUMBERS_PER_OBJECT));
    } catch (IOException e) {
      throw unfinished(e);
    }
  }

  private double[] examine(long unit, double[] parameters, Runnable cancellationCheck) {
    double[] counts = plan.zero();
    List<Double> objects = new ArrayList<>();
    try {
      for (int i = plan.begin(unit); i < plan.end(unit); i++) {
        cancellationCheck.run();
        long ordinal = plan.first() + i;
        StoredState state = check.check(ordinal, expected(parameters, i), plan.deep()).state();
        addFinding(ordinal, state, 1, counts, objects);
        if (plan.delete() && state.deletable()) {
          delete(check.key(ordinal), counts);
        }
        List<String> leftOvers = check.leftOvers(ordinal);
        if (!leftOvers.isEmpty()) {
          addFinding(ordinal, StoredState.LEFT_OVER, leftOvers.size(), counts, objects);
        }
        for (String key : plan.delete() ? leftOvers : List.<String>of()) {
          delete(key, counts);
        }
      }
    } catch (IOException e) {
      throw unfinished(e);
    }
    double[] numbers = Arrays.copyOf(counts, counts.length + objects.size());
    for (int i = 0; i < objects.size(); i++) {
      numbers[counts.length + i] = objects.get(i);
    }
    return numbers;
  }

  private IncompleteRunException unfinished(IOException e) {
    return new IncompleteRunException(
        "Cannot verify %s: %s; remove the cause and verify again".formatted(plan.output(), e), e);
  }

  private static void addFinding(
      long ordinal, StoredState state, int more, double[] counts, List<Double> objects) {
    counts[state.ordinal()] += more;
    if (state.isError() && objects.size() < 2 * VerificationPlan.MAX_NAMED) {
      objects.add((double) ordinal);
      objects.add((double) state.ordinal());
    }
  }

  private void delete(String key, double[] counts) throws IOException {
    store.delete(key);
    counts[VerificationPlan.COUNTS - 1]++;
  }
}
